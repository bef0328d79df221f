import FinancialMath
import RPC
import Schedule
import TestSupport
import Testing

@testable import Financing

/// 5 000.00 at 12 % in equal principal of 1 000.00, due monthly from 2024-02-15 on, paid out on 2024-01-15: interest of
/// 50.00, 40.00, 30.00, 20.00 and 10.00.
@Suite struct HandoverTests {
  private func cny(_ minorUnits: Int64) -> Money { Money(minorUnits, .cny) }

  private func rows(
    dayCount: DayCount = .thirty360US, start: String = "2024-01-15"
  ) throws -> [InstallmentTables.ScheduledRow] {
    let terms = ScheduleTerms(
      principal: cny(5_000_00), annualRate: Rate(e8: 12_000_000), method: .equalPrincipal, dayCount: dayCount,
      startDate: try CivilDate(iso8601: start), installmentCount: 5)
    return try Schedule.compute(terms).rows.map { InstallmentTables.ScheduledRow($0) }
  }

  private func unpaid(
    _ rows: [InstallmentTables.ScheduledRow], paid: [Int64] = [], on day: String, dayCount: DayCount = .thirty360US,
    mode: RoundingMode = .halfUp, start: String = "2024-01-15"
  ) throws -> Int64? {
    var stored = rows.map { InstallmentTables.Stored($0) }
    for (index, amount) in paid.enumerated() { stored[index].paidInterest = cny(amount) }
    return try Handover.unpaidInterest(
      of: stored, InterestAccrual(annualRate: Rate(e8: 12_000_000), dayCount: dayCount, rounding: Rounding(mode)),
      from: try CivilDate(iso8601: start), on: try CivilDate(iso8601: day))?.minorUnits
  }

  /// Interest paid of each installment, the day, and what is unpaid, each by hand from balance × 12 % × days / 360.
  @Test(
    arguments: [
      ([], "2024-01-15", 0),
      ([], "2024-01-16", 1_67),  // 5 000 × 0.12 / 360 = 1.6667
      ([], "2024-02-14", 48_33),  // 29 days
      ([], "2024-02-15", 50_00),
      ([50_00], "2024-02-25", 13_33),  // 4 000 × 0.12 × 10 / 360
      ([], "2024-02-25", 63_33),
      ([20_00], "2024-03-20", 50_00 + 40_00 - 20_00 + 5_00),  // and 3 000 × 0.12 × 5 / 360
      ([], "2024-06-15", 150_00),
      // What is overdue at the end bears nothing more.
      ([50_00, 40_00], "2025-01-01", 60_00),
      // Paid ahead, and ahead of that.
      ([50_00], "2024-01-16", -48_33),
      ([50_00, 40_00, 30_00, 20_00, 10_00], "2024-02-15", -100_00),
    ] as [([Int64], String, Int64)])
  func unpaidInterest(paid: [Int64], day: String, expected: Int64) throws {
    #expect(try unpaid(try rows(), paid: paid, on: day) == expected)
  }

  /// What was restructured again and again at the highest rates can be more than 64 bits hold: a refusal, not a failure.
  @Test func whatDoesNotFitIsRefused() throws {
    let huge = try rows().map { row in
      var row = row
      row.interest = cny(.max)
      return row
    }
    let outcomes: [() throws -> Void] = [
      { _ = try unpaid(huge, on: "2025-01-01") },
      { _ = try Handover.carry(cny(1), into: huge) },
      { _ = try Handover.carry(cny(.max - 10_00), into: rows()) },
      { _ = try Handover.sum(cny(.max), cny(1)) },
    ]
    for outcome in outcomes {
      let error = #expect(throws: RPCError.self) { try outcome() }
      #expect(error?.code == .failedPrecondition && error?.reason == "AMOUNT_OVERFLOW")
    }
  }

  @Test func interestAccruesByTheProductsConventions() throws {
    // 5 000 × 0.12 × 11 / 365 = 18.0822
    #expect(try unpaid(try rows(dayCount: .actual365Fixed), on: "2024-01-26", dayCount: .actual365Fixed) == 18_08)
    #expect(
      try unpaid(try rows(dayCount: .actual365Fixed), on: "2024-01-26", dayCount: .actual365Fixed, mode: .up) == 18_09)
    // From 02-29 on, after a first whole month: 30 days at most by 03-30, which 30/360 would make 31.
    let monthEnds = try rows(start: "2024-01-31")
    #expect(monthEnds.map(\.dueDate.description).prefix(2) == ["2024-02-29", "2024-03-31"])
    #expect(try unpaid(monthEnds, on: "2024-03-30", start: "2024-01-31") == 90_00)
    #expect(try unpaid([], on: "2024-03-30") == nil)
  }

  @Test func unpaidInterestFallsDueFirst() throws {
    let before = try rows()
    let after = try Handover.carry(cny(63_33), into: before)
    #expect(after[0].interest == cny(113_33) && after[0].carried == cny(63_33))
    #expect(Array(after.dropFirst()) == Array(before.dropFirst()))
    // It is unpaid again from the first day on, and only the rest accrues.
    #expect(try unpaid(after, on: "2024-01-15") == 63_33)
    #expect(try unpaid(after, on: "2024-01-16") == 63_33 + 1_67)
    #expect(try unpaid(after, paid: [60_00], on: "2024-02-15") == 53_33)
  }

  @Test func interestPaidAheadIsAskedForNoMore() throws {
    let after = try Handover.carry(cny(-70_00), into: try rows())
    #expect(after.map(\.interest) == [cny(0), cny(20_00), cny(30_00), cny(20_00), cny(10_00)])
    #expect(after.map(\.carried) == [cny(-50_00), cny(-20_00), cny(0), cny(0), cny(0)])
    #expect(try Handover.carry(cny(-150_00), into: try rows()).map(\.interest).allSatisfy(\.isZero))
    #expect(try Handover.carry(cny(0), into: try rows()) == rows())
    let error = #expect(throws: RPCError.self) { try Handover.carry(cny(-150_01), into: try rows()) }
    #expect(error?.reason == "INTEREST_PAID_AHEAD")
  }

  /// Whatever is handed over, nothing of it is lost, and the principal stays.
  @Test func nothingIsLost() throws {
    var random = Seeded(23)
    let before = try rows()
    for _ in 0..<200 {
      let interest = cny(Int64.random(in: -150_00...150_00, using: &random))
      let after = try Handover.carry(interest, into: before)
      #expect(try Money.sum(after.map(\.interest), in: .cny) == cny(150_00).adding(interest))
      #expect(try Money.sum(after.map(\.carried), in: .cny) == interest)
      #expect(after.map(\.principal) == before.map(\.principal))
      #expect(after.allSatisfy { !$0.interest.isNegative })
    }
  }
}
