import FinancialMath
import RPC
import Terms
import Testing

@testable import Financing

/// A loan whose schedule asks for 1 000.00 in all.
@Suite struct OverpaymentTests {
  private func check(held: Int64 = 0, excess: Int64, meant: Bool = false) throws(RPCError) -> Money {
    try Overpayment(held: Money(held, .cny), excess: Money(excess, .cny), schedule: MoneySum(100_000, .cny))
      .checked(allowsDisproportionate: meant, loan: "loans/1")
  }

  @Test(arguments: [
    (0, 0, 0), (0, 1, 1), (0, 100_000, 100_000), (99_999, 1, 100_000),
    (5_000_000_000_000_000_000, 0, 5_000_000_000_000_000_000),
  ])
  func inProportion(held: Int64, excess: Int64, after: Int64) throws {
    #expect(try check(held: held, excess: excess) == Money(after, .cny))
  }

  @Test(
    arguments: [(0, 100_001), (100_000, 1), (0, 999_999_999_999_999), (5_000_000_000_000_000_000, 1)]
      as [(Int64, Int64)])
  func outOfProportion(held: Int64, excess: Int64) throws {
    let error = #expect(throws: RPCError.self) { try check(held: held, excess: excess) }
    #expect(error?.code == .failedPrecondition && error?.reason == "DISPROPORTIONATE_RECEIPT")
    #expect(error?.metadata["field"] == "amount")
  }

  @Test func whatIsMeantPassesUpToTheLargestAmount() throws {
    let limit = AmountLimits.standard.maxAmountMinorUnits
    #expect(try check(excess: 100_001, meant: true) == Money(100_001, .cny))
    #expect(try check(held: 1, excess: limit - 1, meant: true) == Money(limit, .cny))
    for (held, excess) in [(1, limit), (limit, 1), (.max, 1), (.max, .max)] as [(Int64, Int64)] {
      let error = #expect(throws: RPCError.self) { try check(held: held, excess: excess, meant: true) }
      #expect(error?.code == .failedPrecondition && error?.reason == "OVERPAYMENT_LIMIT")
    }
  }

  @Test func limits() {
    let limits = FinancingLimits.standard
    #expect(limits.maxOverpaymentPerSchedule == 1 && limits.maxDisbursementAgeDays == 1_830)
    #expect(limits.defaultOfferDays == 30 && limits.maxOfferDays == 366 && limits.maxCreditAuthorizationDays == 3_660)
    #expect(AmountLimits.standard.maxAmountMinorUnits == 1_000_000_000_000_000)
  }
}
