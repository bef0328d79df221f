import Contracts
import FinancialMath
import Protobuf
import RPC
import Store
import Terms
import Testing

/// The dates that requests may hold.
@Suite struct RequestedDateTests {
  private func message(_ text: String) throws -> GoogleType.Date { try CivilDate(iso8601: text).message }

  private func fact(_ text: String?, since start: String = "2026-01-31") throws -> String {
    try CivilDate.fact(
      try text.map { try message($0) }, field: "receive_date", since: CivilDate(iso8601: start), "the disbursement",
      until: CivilDate(iso8601: "2026-11-29")
    ).description
  }

  @Test func factsLieBetweenTheirStartAndTheBusinessDate() throws {
    for right in ["2026-01-31", "2026-02-01", "2026-11-28", "2026-11-29"] { #expect(try fact(right) == right) }
    #expect(try fact(nil) == "2026-11-29")
    for wrong in ["0001-01-01", "2026-01-30", "2026-11-30", "2099-01-01", "9999-12-31"] {
      let error = #expect(throws: RPCError.self) { try fact(wrong) }
      #expect(error?.code == .invalidArgument && error?.violations.map(\.field) == ["receive_date"])
      #expect(error?.message.contains("2026-01-31") == true && error?.message.contains("2026-11-29") == true)
    }
  }

  /// As an earlier version may have stored it.
  @Test func whatStartsAfterTheBusinessDateHasThatLeft() throws {
    #expect(try fact("2026-11-29", since: "2206-01-01") == "2026-11-29")
    #expect(throws: RPCError.self) { try fact("2026-11-28", since: "2206-01-01") }
    #expect(throws: RPCError.self) { try fact("2206-01-01", since: "2206-01-01") }
  }

  @Test func whatChangesSomethingIsOfTheYearsOfTheCalendar() throws {
    #expect(CalendarLimits.standard.firstYear == 1_900 && CalendarLimits.standard.lastYear == 2_199)
    for right in ["1900-01-01", "2199-12-31"] {
      #expect(try CivilDate.requested(message(right), field: "next_date").description == right)
    }
    for wrong in [try message("1899-12-31"), try message("2200-01-01"), GoogleType.Date(), nil] {
      let error = #expect(throws: RPCError.self) { try CivilDate.requested(wrong, field: "next_date") }
      #expect(error?.code == .invalidArgument && error?.violations.map(\.field) == ["next_date"])
    }
  }

  @Test(
    arguments: [
      (86_400, 0, true), (86_400, 1_000, false), (86_401, 0, false), (0, 0, true), (-62_135_596_800, 0, true),
      (-62_135_596_801, 0, false), (253_402_300_800, 0, false), (.max, 0, false), (.min, 0, false), (0, -1, false),
      (0, 1_000_000_000, false),
    ] as [(Int64, Int32, Bool)])
  func whatEndsEndsWithinItsDays(seconds: Int64, nanos: Int32, isRight: Bool) {
    let end = GoogleProtobuf.Timestamp(seconds: seconds, nanos: nanos)
    let taken = try? Timestamp.end(end, field: "expire_time", within: 1, of: Timestamp(microseconds: 0))
    #expect((taken != nil) == isRight)
  }
}
