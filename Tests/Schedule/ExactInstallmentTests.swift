import BigInt
import FinancialMath
import TestSupport
import Testing

@testable import Schedule

/// What the bounds of 128 bits give is what the exact fraction gives.
@Suite struct ExactInstallmentTests {
  private func expectExact(_ loan: ScheduleTerms) throws {
    let rates = try PeriodRates(loan.periods(), rate: loan.annualRate, dayCount: loan.dayCount)
    let installment = ExactInstallment(principal: loan.principal.minorUnits, rates: rates)
    let exact = installment.fraction
    for mode in RoundingMode.allCases {
      for multiple in [Int64(1), 7, 100, 1_000_000_000] {
        let rounding = try Rounding(mode, multipleOf: multiple)
        let rounded = try installment.rounded(rounding)
        #expect(try rounded == rounding.quotient(exact.numerator, exact.denominator), "\(loan) \(rounding)")
      }
    }
  }

  @Test func forAnyTerms() throws {
    var random = Seeded(1_200)
    let principals = [Int64(1), 2, 99, 100_000, 10_000_000_000, ScheduleLimits.standard.maxPrincipalMinorUnits]
    let rates = [Int64(0), 1, 4_900_000, 12_345_678, 360_000_000, ScheduleLimits.standard.maxAnnualRateE8]
    for principal in principals {
      for rate in rates {
        for dayCount in DayCount.allCases {
          var loan = try terms(
            principal, rate, .equalInstallment, Int.random(in: 1...60, using: &random), dayCount: dayCount)
          if Bool.random(using: &random) { loan.frequency = .everyDays(Int.random(in: 1...3_660, using: &random)) }
          loan.firstDueDate = try loan.startDate.adding(days: Int.random(in: 1...400, using: &random))
          try expectExact(loan)
        }
      }
    }
  }

  /// An installment that is exactly half way between two, or exactly a minor unit, which no bounds beside it decide.
  @Test func exactly() throws {
    try expectExact(terms(1_200, 0, .equalInstallment, 12))
    try expectExact(terms(1_206, 0, .equalInstallment, 12))
    // 100 % a period: 2 / 1 of the principal, and 3 / 2 · 3 / 2 / (5 / 2) = 9 / 10 at 50 % over two.
    try expectExact(terms(3_333, 1_000_000_000, .equalInstallment, 1))
    var loan = try terms(15, 50_000_000, .equalInstallment, 2)
    loan.frequency = .monthly(every: 12)
    try expectExact(loan)
    #expect(try Schedule.compute(loan).regularInstallment?.minorUnits == 14)
  }
}
