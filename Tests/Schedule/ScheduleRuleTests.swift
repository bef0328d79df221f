import FinancialMath
import TestSupport
import Testing

@testable import Schedule

@Suite struct ScheduleRuleTests {
  @Test func dueDatesKeepTheirAnchor() throws {
    let monthly = try Schedule.compute(terms(100_000, 6_000_000, .equalInstallment, 4, start: "2024-01-31"))
    #expect(monthly.rows.map(\.dueDate.description) == ["2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"])
    // Under 30/360 every whole month is 30 days, whatever its end was clamped to: rate / 12.
    #expect(monthly.interests.first == 500)
    let unit = try Schedule.compute(terms(100_000, 6_000_000, .interestOnly, 4, start: "2024-01-31"))
    #expect(unit.interests == [500, 500, 500, 500])

    var quarterly = try terms(100_000, 6_000_000, .interestOnly, 3)
    quarterly.frequency = .monthly(every: 3)
    quarterly.firstDueDate = try CivilDate(iso8601: "2024-05-31")
    #expect(
      try Schedule.compute(quarterly).rows.map(\.dueDate.description) == ["2024-05-31", "2024-08-31", "2024-11-30"]
    )

    var days = try terms(100_000, 6_000_000, .interestOnly, 3)
    days.frequency = .everyDays(14)
    #expect(try Schedule.compute(days).rows.map(\.dueDate.description) == ["2024-01-15", "2024-01-29", "2024-02-12"])
  }

  @Test(arguments: RepaymentMethod.allCases)
  func withoutInterest(method: RepaymentMethod) throws {
    let schedule = try Schedule.compute(terms(100_001, 0, method, 12))
    #expect(schedule.totalInterest.isZero)
    #expect(schedule.totalPayment.minorUnits == 100_001)
    expectSound(schedule, principal: 100_001)
  }

  @Test func multiplesShapeWhatIsRepaid() throws {
    let whole = try Rounding(.halfUp, multipleOf: 100)
    let annuity = try Schedule.compute(terms(1_000_000, 12_000_000, .equalInstallment, 12, rounding: whole))
    #expect(annuity.totals.dropLast().allSatisfy { $0 == annuity.regularInstallment?.minorUnits && $0 % 100 == 0 })
    #expect(annuity.interests.contains { $0 % 100 != 0 })
    let linear = try Schedule.compute(terms(1_000_001, 12_000_000, .equalPrincipal, 12, rounding: whole))
    #expect(linear.principals.dropLast().allSatisfy { $0 == 83_300 })
    #expect(linear.principals.last == 83_701)  // 1 000 001 − 11 · 83 300
  }

  /// An installment that is rounded up by much would pay the loan off early; it goes down instead.
  @Test func neverClearsBeforeTheLastRow() throws {
    for method in [RepaymentMethod.equalInstallment, .equalPrincipal] {
      for mode in RoundingMode.allCases {
        for multiple in [Int64(1), 5, 100, 10_000, 1_000_000] {
          for principal in [Int64(1), 2, 3, 59, 60, 61, 89, 91, 1_000, 99_999, 500_000] {
            for rate in [Int64(0), 1, 4_900_000, 36_000_000, 1_000_000_000] {
              let rounding = try Rounding(mode, multipleOf: multiple)
              let loan = try terms(principal, rate, method, 60, rounding: rounding)
              expectSound(try Schedule.compute(loan), principal: principal)
            }
          }
        }
      }
    }
  }

  @Test func soundForAnyTerms() throws {
    var random = Seeded(20_260)
    for _ in 0..<400 {
      let loan = try randomTerms(&random)
      let schedule = try Schedule.compute(loan)
      expectSound(schedule, principal: loan.principal.minorUnits)
      #expect(schedule.rows.first?.periodStart == loan.startDate)
      #expect(schedule.rows.count == (loan.method == .singlePayment ? 1 : loan.installmentCount))
      #expect(try Schedule.compute(loan) == schedule)
    }
  }

  /// Each row's interest against a sum in wide integers that shares nothing with the implementation's reductions.
  @Test func interestIsTheRoundedProduct() throws {
    var random = Seeded(9)
    for _ in 0..<100 {
      var loan = try randomTerms(&random)
      loan.method = .equalInstallment
      loan.dayCount = .actual365Fixed
      for row in try Schedule.compute(loan).rows {
        let days = Int128(row.periodStart.days(until: row.dueDate))
        let numerator = Int128(row.opening.minorUnits) * Int128(loan.annualRate.e8) * days
        let expected = try loan.rounding.toMinorUnit.quotient(numerator, 365 * 100_000_000)
        #expect(row.interest.minorUnits == expected)
      }
    }
  }

  struct Refused: Sendable {
    var field: String
    var reason: ScheduleError.Reason
    var change: @Sendable (inout ScheduleTerms) throws -> Void
  }

  static let refused: [Refused] = [
    Refused(field: "principal.minor_units", reason: .notPositive) { $0.principal = Money(0, .cny) },
    Refused(field: "principal.minor_units", reason: .notPositive) { $0.principal = Money(Int64.min, .cny) },
    Refused(field: "principal.minor_units", reason: .aboveLimit) { $0.principal = Money(1_000_000_000_000_001, .cny) },
    Refused(field: "principal.minor_units", reason: .aboveLimit) { $0.principal = Money(Int64.max, .cny) },
    Refused(field: "annual_rate_e8", reason: .negative) { $0.annualRate = Rate(e8: -1) },
    Refused(field: "annual_rate_e8", reason: .aboveLimit) { $0.annualRate = Rate(e8: 1_000_000_001) },
    Refused(field: "rounding.multiple_of", reason: .aboveLimit) {
      $0.rounding = try Rounding(.up, multipleOf: Int64.max)
    },
    Refused(field: "frequency.every_months", reason: .notPositive) {
      $0.frequency = PaymentFrequency.monthly(every: 0)
    },
    Refused(field: "frequency.every_months", reason: .aboveLimit) {
      $0.frequency = PaymentFrequency.monthly(every: 121)
    },
    Refused(field: "frequency.every_days", reason: .notPositive) { $0.frequency = PaymentFrequency.everyDays(Int.min) },
    Refused(field: "frequency.every_days", reason: .aboveLimit) { $0.frequency = PaymentFrequency.everyDays(3_661) },
    Refused(field: "installment_count", reason: .notPositive) { $0.installmentCount = 0 },
    Refused(field: "installment_count", reason: .aboveLimit) { $0.installmentCount = 1_201 },
    Refused(field: "installment_count", reason: .aboveLimit) { $0.installmentCount = Int.max },
    Refused(field: "installment_count", reason: .dateOutOfRange) { $0.startDate = CivilDate.max },
    Refused(field: "first_due_date", reason: .notAfterStart) { $0.firstDueDate = $0.startDate },
  ]

  @Test(arguments: refused)
  func refusedTerms(item: Refused) throws {
    var loan = try terms(100_000, 6_000_000, .equalInstallment, 12)
    try item.change(&loan)
    let error = #expect(throws: ScheduleError.self) { try Schedule.compute(loan) }
    #expect(error?.field == item.field)
    #expect(error?.reason == item.reason)
  }

  @Test(arguments: RepaymentMethod.allCases, DayCount.allCases)
  func largestTermsFit(method: RepaymentMethod, dayCount: DayCount) throws {
    let loan = try terms(
      ScheduleLimits.standard.maxPrincipalMinorUnits,
      ScheduleLimits.standard.maxAnnualRateE8,
      method,
      ScheduleLimits.standard.maxInstallmentCount,
      dayCount: dayCount
    )
    expectSound(try Schedule.compute(loan), principal: ScheduleLimits.standard.maxPrincipalMinorUnits)
  }

  @Test func limits() {
    #expect(ScheduleLimits.standard.maxInstallmentCount == 1_200)
    #expect(ScheduleLimits.standard.maxAnnualRateE8 == 10 * Rate.unitsPerOne)
    #expect(ScheduleLimits.standard.maxPrincipalMinorUnits == 1_000_000_000_000_000)
  }

  /// Amounts beyond 64 bits are an error, not a trap: centuries at 1000 % on the largest principal.
  @Test func overflowIsAnError() throws {
    var loan = try terms(
      ScheduleLimits.standard.maxPrincipalMinorUnits, ScheduleLimits.standard.maxAnnualRateE8, .singlePayment, 790)
    loan.frequency = .monthly(every: 120)
    loan.startDate = .min
    let error = #expect(throws: ScheduleError.self) { try Schedule.compute(loan) }
    #expect(error?.reason == .overflow)
  }

  private func randomTerms(_ random: inout Seeded) throws -> ScheduleTerms {
    let multiples: [Int64] = [1, 1, 1, 10, 100]
    let multiple: Int64 = multiples.randomElement(using: &random) ?? 1
    var loan = ScheduleTerms(
      principal: Money(Int64.random(in: 1...10_000_000_000, using: &random), .cny),
      annualRate: Rate(e8: Int64.random(in: 0...50_000_000, using: &random)),
      method: RepaymentMethod.allCases.randomElement(using: &random) ?? .equalInstallment,
      dayCount: DayCount.allCases.randomElement(using: &random) ?? .actual360,
      rounding: try Rounding(RoundingMode.allCases.randomElement(using: &random) ?? .up, multipleOf: multiple),
      startDate: try CivilDate(dayNumber: Int.random(in: 730_000...745_000, using: &random)),
      installmentCount: Int.random(in: 1...60, using: &random)
    )
    if Bool.random(using: &random) { loan.frequency = .everyDays(Int.random(in: 2...100, using: &random)) }
    if Bool.random(using: &random) {
      loan.firstDueDate = try loan.startDate.adding(days: Int.random(in: 2...80, using: &random))
    }
    return loan
  }

  /// What holds for every schedule.
  private func expectSound(_ schedule: Schedule, principal: Int64) {
    var opening = principal
    var previous: CivilDate?
    var isSound = true
    for (index, row) in schedule.rows.enumerated() {
      let isLast = index == schedule.rows.count - 1
      isSound = isSound && row.number == index + 1
      isSound = isSound && row.opening.minorUnits == opening
      isSound = isSound && row.principal.minorUnits >= 0 && row.interest.minorUnits >= 0
      isSound = isSound && row.total.minorUnits == row.principal.minorUnits + row.interest.minorUnits
      isSound = isSound && row.closing.minorUnits == opening - row.principal.minorUnits
      isSound = isSound && (isLast ? row.closing.isZero : row.closing.isPositive)
      isSound = isSound && row.dueDate > row.periodStart && (previous.map { $0 == row.periodStart } ?? true)
      opening = row.closing.minorUnits
      previous = row.dueDate
    }
    #expect(isSound, "\(schedule)")
    #expect(schedule.principals.reduce(0, +) == principal)
    #expect(schedule.totalPrincipal.minorUnits == principal)
    #expect(schedule.interests.reduce(0, +) == schedule.totalInterest.minorUnits)
    #expect(schedule.totals.reduce(0, +) == schedule.totalPayment.minorUnits)
  }
}
