import BigInt
import FinancialMath
import Testing

@testable import Schedule

func terms(
  _ principal: Int64,
  _ rateE8: Int64,
  _ method: RepaymentMethod,
  _ count: Int,
  dayCount: DayCount = .thirty360US,
  rounding: Rounding = Rounding(.halfUp),
  start: String = "2024-01-01"
) throws -> ScheduleTerms {
  ScheduleTerms(
    principal: Money(principal, .cny),
    annualRate: Rate(e8: rateE8),
    method: method,
    dayCount: dayCount,
    rounding: rounding,
    startDate: try CivilDate(iso8601: start),
    installmentCount: count
  )
}

extension Schedule {
  var principals: [Int64] { rows.map(\.principal.minorUnits) }
  var interests: [Int64] { rows.map(\.interest.minorUnits) }
  var totals: [Int64] { rows.map(\.total.minorUnits) }
}

/// Worked examples with all their rows.
@Suite struct ScheduleExampleTests {
  @Test func equalInstallmentThirty360() throws {
    let schedule = try Schedule.compute(terms(10_000, 12_000_000, .equalInstallment, 6))
    #expect(schedule.principals == [1_625, 1_641, 1_658, 1_674, 1_691, 1_711])
    #expect(schedule.interests == [100, 84, 67, 51, 34, 17])
    #expect(schedule.totals == [1_725, 1_725, 1_725, 1_725, 1_725, 1_728])
    #expect(schedule.regularInstallment == Money(1_725, .cny))
    #expect(schedule.rows.map(\.dueDate.description).last == "2024-07-01")
  }

  @Test func equalInstallmentActual365() throws {
    let schedule = try Schedule.compute(terms(10_000, 12_000_000, .equalInstallment, 6, dayCount: .actual365Fixed))
    #expect(schedule.principals == [1_623, 1_645, 1_656, 1_675, 1_690, 1_711])
    #expect(schedule.interests == [102, 80, 69, 50, 35, 17])
    #expect(schedule.totals == [1_725, 1_725, 1_725, 1_725, 1_725, 1_728])
  }

  @Test func equalPrincipal() throws {
    let schedule = try Schedule.compute(terms(500_000, 12_000_000, .equalPrincipal, 18))
    #expect(schedule.principals == Array(repeating: 27_778, count: 17) + [27_774])
    #expect(Array(schedule.interests.prefix(4)) == [5_000, 4_722, 4_444, 4_167])
    #expect(schedule.interests.last == 278)
    #expect(schedule.totalInterest.minorUnits == 47_500)
  }

  @Test func interestOnly() throws {
    let schedule = try Schedule.compute(terms(10_000, 30_000_000, .interestOnly, 8))
    #expect(schedule.totals == Array(repeating: 250, count: 7) + [10_250])
    #expect(schedule.principals == Array(repeating: 0, count: 7) + [10_000])
  }

  /// The published figures of 1 000 000.00 at 4.9 % over 30 years come from a calculator that rounds nothing in
  /// between. The exact installment gives them to the cent.
  @Test func thirtyYearsUnrounded() throws {
    let (n, principal) = (360, BigInt(100_000_000))
    let loan = try terms(100_000_000, 4_900_000, .equalInstallment, n)
    let rates = try PeriodRates(loan.periods(), rate: loan.annualRate, dayCount: loan.dayCount)
    #expect(rates.numerators == Array(repeating: 49, count: n))
    #expect(rates.denominator == 12_000)
    let exact = ExactInstallment(principal: 100_000_000, rates: rates).fraction
    let cents = Rounding(.halfUp)
    #expect(try cents.quotient(exact.numerator, exact.denominator) == 530_727)
    let interest = exact.numerator * BigInt(n) - principal * exact.denominator
    #expect(try cents.quotient(interest, exact.denominator) == 91_061_619)
    // The balance after 12 months, B ← B · 12 049 / 12 000 − E, over the growing denominator.
    var (balance, scale) = (principal * exact.denominator, exact.denominator)
    for _ in 0..<12 {
      scale *= 12_000
      balance = balance * 12_049 - exact.numerator * (scale / exact.denominator)
    }
    #expect(try cents.quotient(balance, scale) == 98_497_841)
    // Equal principal: Σ interest = P · f · (n + 1) / 2, and the last payment is P / n · (1 + f).
    #expect(try cents.quotient(principal * 49 * 361, BigInt(12_000 * 2)) == 73_704_167)
    #expect(try cents.quotient(principal * 12_049, BigInt(360 * 12_000)) == 278_912)
  }

  /// The same loan as it is paid, in whole cents a row. The adjustment by −0.01 would only widen the last row's gap.
  @Test func thirtyYearsInWholeCents() throws {
    let annuity = try Schedule.compute(terms(100_000_000, 4_900_000, .equalInstallment, 360))
    #expect(annuity.regularInstallment?.minorUnits == 530_727)
    #expect(annuity.interests.first == 408_333)
    #expect(annuity.rows[11].closing.minorUnits == 98_497_839)
    #expect(annuity.totals.last == 530_519)
    #expect(annuity.totalInterest.minorUnits == 91_061_512)

    let linear = try Schedule.compute(terms(100_000_000, 4_900_000, .equalPrincipal, 360))
    #expect(linear.totals.first == 686_111)
    #expect(linear.principals.last == 277_698)
    #expect(linear.interests.last == 1_134)
    #expect(linear.totalInterest.minorUnits == 73_704_108)
  }

  struct Adjusted: Sendable {
    var mode: RoundingMode
    var multiple: Int64
    var principal: Int64
    var count: Int
    var rateE8: Int64
    var installment: Int64
    var last: Int64
    var interest: Int64
  }

  /// Loans whose first installment leaves more than n/2 minor units in the last row; values computed with rationals.
  @Test(arguments: [
    Adjusted(
      mode: .halfUp,
      multiple: 1,
      principal: 123_456,
      count: 36,
      rateE8: 12_000_000,
      installment: 4_100,
      last: 4_122,
      interest: 24_166
    ),
    Adjusted(
      mode: .halfUp,
      multiple: 1,
      principal: 777_777,
      count: 36,
      rateE8: 6_000_000,
      installment: 23_662,
      last: 23_643,
      interest: 74_036
    ),
    Adjusted(
      mode: .halfUp,
      multiple: 1,
      principal: 5_000_000,
      count: 36,
      rateE8: 12_000_000,
      installment: 166_071,
      last: 166_092,
      interest: 978_577
    ),
    Adjusted(
      mode: .down,
      multiple: 1,
      principal: 5_000_000,
      count: 60,
      rateE8: 6_000_000,
      installment: 96_663,
      last: 96_697,
      interest: 799_814
    ),
    Adjusted(
      mode: .down,
      multiple: 100,
      principal: 123_456,
      count: 60,
      rateE8: 6_000_000,
      installment: 2_400,
      last: 1_443,
      interest: 19_587
    ),
    Adjusted(
      mode: .up,
      multiple: 1,
      principal: 5_000_000,
      count: 12,
      rateE8: 12_000_000,
      installment: 444_245,
      last: 444_239,
      interest: 330_934
    ),
    Adjusted(
      mode: .up,
      multiple: 100,
      principal: 777_777,
      count: 60,
      rateE8: 12_000_000,
      installment: 17_300,
      last: 17_439,
      interest: 260_362
    ),
  ])
  func adjustedOnce(item: Adjusted) throws {
    let rounding = try Rounding(item.mode, multipleOf: item.multiple)
    let loan = try terms(item.principal, item.rateE8, .equalInstallment, item.count, rounding: rounding)
    let schedule = try Schedule.compute(loan)
    #expect(schedule.regularInstallment?.minorUnits == item.installment)
    #expect(schedule.totals.last == item.last)
    #expect(schedule.totalInterest.minorUnits == item.interest)
  }

  @Test func oddFirstPeriod() throws {
    var loan = try terms(1_234_567, 4_350_000, .equalInstallment, 5, dayCount: .actual360, start: "2024-01-15")
    loan.firstDueDate = try CivilDate(iso8601: "2024-03-01")
    let schedule = try Schedule.compute(loan)
    #expect(schedule.principals == [243_260, 246_409, 247_422, 248_259, 249_217])
    #expect(schedule.interests == [6_862, 3_713, 2_700, 1_863, 903])
  }

  @Test func singlePayment() throws {
    let loan = try terms(100_000_000, 6_000_000, .singlePayment, 12, dayCount: .actual365Fixed, start: "2024-01-31")
    let schedule = try Schedule.compute(loan)
    #expect(schedule.rows.count == 1)
    #expect(schedule.interests == [6_016_438])
    #expect(schedule.rows.first?.dueDate.description == "2025-01-31")
    let isda = try terms(100_000, 4_350_000, .singlePayment, 12, dayCount: .actualActualISDA, start: "2023-07-01")
    #expect(try Schedule.compute(isda).interests == [4_356])
    #expect(try Schedule.compute(terms(100_000, 6_000_000, .singlePayment, 6)).interests == [3_000])
  }
}
