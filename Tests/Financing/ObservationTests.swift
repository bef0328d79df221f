import FinancialMath
import Financing
import Testing

/// A restructured loan of six monthly installments of 100, the first due on 2024-03-31.
@Suite struct ObservationTests {
  private static let dueDates = ["2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30", "2024-07-31", "2024-08-31"]

  private func date(_ text: String) throws -> CivilDate { try CivilDate(iso8601: text) }

  private func observe(
    _ day: String, months: Int = 12, dues: [String] = dueDates, receipts: [(String, Int64)] = []
  ) throws -> [String] {
    let observation = try #require(
      Observation(
        on: try date(day), months: months, dues: try dues.map { DatedAmount(try date($0), Money(100, .cny)) },
        receipts: try receipts.map { DatedAmount(try date($0.0), Money($0.1, .cny)) }))
    return [observation.start.description, observation.end.description]
  }

  /// What came in, by day; the day of the look; start and end.
  @Test(
    arguments: [
      // From the first due date on, a year.
      ([], "2024-01-15", "2024-03-31", "2025-03-31"),
      ([], "2024-03-31", "2024-03-31", "2025-03-31"),
      ([("2024-03-31", 100)], "2024-04-30", "2024-03-31", "2025-03-31"),
      // Ahead is in time, and so is in parts.
      ([("2024-01-20", 150), ("2024-04-02", 50)], "2024-05-31", "2024-03-31", "2025-03-31"),
      // A day late, a cent short, never: anew from the installment that was missed, the last one of them.
      ([("2024-04-01", 100)], "2024-04-01", "2024-03-31", "2025-03-31"),
      ([("2024-03-31", 100), ("2024-05-01", 100)], "2024-05-02", "2024-04-30", "2025-04-30"),
      ([("2024-03-31", 199), ("2024-05-01", 1)], "2024-05-02", "2024-04-30", "2025-04-30"),
      ([("2024-03-31", 100)], "2024-07-01", "2024-06-30", "2025-06-30"),
      // A receipt that pays what was missed does not pay what falls due the same day.
      ([("2024-04-30", 100)], "2024-05-01", "2024-04-30", "2025-04-30"),
      ([("2024-04-30", 200)], "2024-05-01", "2024-03-31", "2025-03-31"),
    ] as [([(String, Int64)], String, String, String)])
  func starts(receipts: [(String, Int64)], day: String, start: String, end: String) throws {
    #expect(try observe(day, receipts: receipts) == [start, end])
    #expect(try observe(day, receipts: receipts.reversed()) == [start, end], "in any order")
  }

  @Test func holdsTwoPeriodsAndAsManyMonthsAsAsked() throws {
    let yearly = ["2024-03-31", "2025-03-31", "2026-03-31", "2027-03-31"]
    #expect(try observe("2024-01-01", dues: yearly) == ["2024-03-31", "2026-03-31"])
    #expect(try observe("2025-01-01", dues: yearly.reversed()) == ["2024-03-31", "2026-03-31"])
    #expect(try observe("2024-01-01", dues: ["2024-03-31", "2025-06-30"]) == ["2024-03-31", "2025-06-30"])
    #expect(try observe("2024-01-01", dues: ["2024-02-29"]) == ["2024-02-29", "2025-02-28"])
    #expect(try observe("2024-01-01", months: 30) == ["2024-03-31", "2026-09-30"])
    #expect(try observe("2024-01-01", dues: ["9999-06-30"]) == ["9999-06-30", "9999-12-31"])
    #expect(Observation(on: try date("2024-01-01"), months: 12, dues: [], receipts: []) == nil)
  }

  /// A backdated receipt corrects what was seen before it was there.
  @Test func backdatedReceiptsCount() throws {
    let known = [("2024-03-31", 100 as Int64)]
    #expect(try observe("2024-05-10", receipts: known) == ["2024-04-30", "2025-04-30"])
    #expect(try observe("2024-05-10", receipts: known + [("2024-04-29", 100)]) == ["2024-03-31", "2025-03-31"])
  }
}
