import FinancialMath
import TestSupport
import Testing

/// Both rates against the equations that define them, to the last digit.
struct CostExactnessTests {
  @Test func randomLoans() throws {
    var random = Seeded(365)
    let years = [Ratio(12), Ratio(4), Ratio(1), Ratio(12, over: 5), Ratio(365, over: 7), Ratio(365, over: 100)]
    for turn in 0..<36 {
      let advance = Int64.random(in: 1...(turn % 3 == 0 ? 1_000 : 100_000_000_000), using: &random)
      let count = Int32.random(in: 1...10, using: &random)
      let first = Int32.random(in: 0...3, using: &random)
      let parts = Int64.random(in: first == 0 ? 2...120 : 1...120, using: &random)
      let odd = Ratio(Int64.random(in: (first == 0 ? 1 : 0)..<parts, using: &random), over: parts)
      // From hardly any cost to several times the advance.
      let cost = Int64.random(in: 0...(1 + advance * [0, 1, 5][turn % 3] / 10), using: &random)
      var payments = (0..<count).map {
        AnnualizedCost.Payment(period: first + $0 * (turn % 4 == 0 ? 2 : 1), amount: (advance + cost) / Int64(count))
      }
      payments[payments.count - 1].amount += (advance + cost) % Int64(count)
      let perYear = years[turn % years.count]
      let exact = ExactCost(advance: advance, payments: payments, oddPart: odd, periodsPerYear: perYear)
      let found = try AnnualizedCost(advance: advance, payments: payments, oddPart: odd, periodsPerYear: perYear)
      #expect(exact.confirms(found), "\(exact)")
    }
  }

  /// A long loan and dear ones, where each step of the search is far from the next.
  @Test func extremes() throws {
    for (count, amount, advance) in [
      (Int32(120), Int64(10_000_00), Int64(900_000_00)), (36, 83_333, 100_000), (3, 9_999, 100),
    ] {
      let payments = (1...count).map { AnnualizedCost.Payment(period: $0, amount: amount) }
      let exact = ExactCost(advance: advance, payments: payments, oddPart: .zero, periodsPerYear: Ratio(1))
      let cost = try AnnualizedCost(advance: advance, payments: payments, periodsPerYear: Ratio(1))
      #expect(exact.confirms(nominal: cost.nominal.e8), "\(exact)")
      #expect(cost.effective == cost.nominal)
    }
  }

  /// The check is not blind: a rate that is one unit off is refused.
  @Test func aUnitMoreOrLessIsWrong() throws {
    let payments = (1...12).map { AnnualizedCost.Payment(period: $0, amount: 8_885) }
    let exact = ExactCost(advance: 100_000, payments: payments, oddPart: Ratio(1, over: 3), periodsPerYear: Ratio(12))
    let cost = try AnnualizedCost(
      advance: 100_000, payments: payments, oddPart: Ratio(1, over: 3), periodsPerYear: Ratio(12))
    #expect(exact.confirms(cost))
    #expect(!exact.confirms(nominal: cost.nominal.e8 - 1) && !exact.confirms(nominal: cost.nominal.e8 + 1))
  }
}
