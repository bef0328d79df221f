import FinancialMath
import Testing

struct AnnualizedCostTests {
  private typealias Flow = AnnualizedCost.Flow

  /// Rates in percent of the annualized cost, with so many decimals as are published.
  private func cost(_ flows: [(Int, Int64)], _ periodsPerYear: Int) throws -> (nominal: Double, effective: Double) {
    let cost = try AnnualizedCost(flows.map { Flow(period: $0.0, amount: $0.1) }, periodsPerYear: periodsPerYear)
    return (Double(cost.nominal.e8) / 1e6, Double(cost.effective.e8) / 1e6)
  }

  /// US Regulation Z, Appendix J: 24 monthly payments of 230 on 5 000.
  @Test func unitPeriodActuarialMethod() throws {
    let flows = [(0, Int64(5_000_00))] + (1...24).map { ($0, Int64(-230_00)) }
    #expect((try cost(flows, 12).nominal * 100).rounded() == 969)
  }

  /// The EU's formula: 1 000 against 1 200 after 546 days.
  @Test func euFormula() throws {
    #expect((try cost([(0, 1_000_00), (546, -1_200_00)], 365).effective * 100).rounded() == 1_296)
  }

  /// A loan of a year at 12 % in one payment costs 12 %, however it is compounded within.
  @Test func oneYear() throws {
    let yearly = try AnnualizedCost(
      [Flow(period: 0, amount: 100_00), Flow(period: 1, amount: -112_00)], periodsPerYear: 1)
    #expect(yearly.nominal == Rate(e8: 12_000_000) && yearly.effective == Rate(e8: 12_000_000))
    let monthly = try AnnualizedCost(
      [Flow(period: 0, amount: 100_00), Flow(period: 12, amount: -112_00)], periodsPerYear: 12)
    #expect(monthly.effective == Rate(e8: 12_000_000))
    #expect(monthly.nominal < yearly.nominal)
  }

  @Test func whatCostsNothing() throws {
    let cost = try AnnualizedCost(
      [Flow(period: 0, amount: 100_00), Flow(period: 12, amount: -100_00)], periodsPerYear: 12)
    #expect(cost.nominal == .zero && cost.effective == .zero)
  }

  /// 1 000 000.00 at 4.9 % over 360 months; the installment of 5 307.27 is rounded, and so nearly is the rate.
  @Test func aLongLoan() throws {
    let flows = [(0, Int64(1_000_000_00))] + (1...360).map { ($0, Int64(-5_307_27)) }
    let (nominal, effective) = try cost(flows, 12)
    #expect(abs(nominal - 4.9) < 0.0001)
    #expect(abs(effective - 5.0116) < 0.0001)
  }

  /// A fee that is kept back raises the cost.
  @Test func feesCount() throws {
    let without = try cost([(0, 100_00), (12, -112_00)], 12)
    let with = try cost([(0, 98_00), (12, -112_00)], 12)
    #expect((with.effective * 1_000).rounded() == 14_286)
    #expect(with.effective > without.effective)
  }

  @Test func noRateIsPickedWhereTwoFit() {
    // 10 % and 20 % both fit, from either side.
    for sign in [Int64(1), -1] {
      let flows = [(0, -100), (1, 230), (2, -132)].map { Flow(period: $0.0, amount: $0.1 * sign) }
      #expect(throws: AnnualizedCost.Failure.ambiguous) { try AnnualizedCost(flows, periodsPerYear: 1) }
    }
    // A loan with a later advance that changes the sign again.
    let flows = [(0, 100), (1, -230), (2, 132), (3, -1)].map { Flow(period: $0.0, amount: $0.1) }
    #expect(throws: AnnualizedCost.Failure.ambiguous) { try AnnualizedCost(flows, periodsPerYear: 1) }
  }

  @Test(arguments: [[], [(0, 100)], [(0, 100), (1, -50)], [(1, 100), (0, -110)]] as [[(Int, Int64)]])
  func whatIsNoLoan(_ flows: [(Int, Int64)]) {
    #expect(throws: AnnualizedCost.Failure.undefined) {
      try AnnualizedCost(flows.map { Flow(period: $0.0, amount: $0.1) }, periodsPerYear: 12)
    }
  }

  @Test func amountsBeyondBounds() {
    let flows = [Flow(period: 0, amount: .max), Flow(period: 0, amount: .max), Flow(period: 1, amount: .min)]
    #expect(throws: AnnualizedCost.Failure.overflow) { try AnnualizedCost(flows, periodsPerYear: 12) }
  }
}
