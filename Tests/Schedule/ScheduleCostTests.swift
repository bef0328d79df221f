import BigInt
import FinancialMath
import TestSupport
import Testing

@testable import Schedule

/// The yearly cost of schedules, by their dates.
@Suite struct ScheduleCostTests {
  private func cost(_ loan: ScheduleTerms) throws -> AnnualizedCost {
    try #require(try Schedule.compute(loan).annualizedCost(of: loan))
  }

  /// Units of 0.01 %, half up.
  private func percent(_ rate: Rate) throws -> Int64 { try Rounding(.halfUp).quotient(Int128(rate.e8), 10_000) }

  // MARK: One payment

  struct Single: Sendable {
    var rateE8: Int64
    var dayCount: DayCount
    var start: String
    var due: String
    var nominal: Int64
  }

  /// 1 000.00 in one payment. 255 days at 11.45 % and six months at 8.80 % are the examples (c)(5)(i) and (ii) of US
  /// Regulation Z, 12 CFR 1026, Appendix J.
  @Test(arguments: [
    Single(rateE8: 11_450_000, dayCount: .actual365Fixed, start: "2024-01-01", due: "2024-09-12", nominal: 11_45),
    Single(rateE8: 11_450_000, dayCount: .actual365Fixed, start: "1978-01-03", due: "1978-09-15", nominal: 11_45),
    Single(rateE8: 8_800_000, dayCount: .thirty360US, start: "1978-07-15", due: "1979-01-15", nominal: 8_80),
    Single(rateE8: 24_000_000, dayCount: .thirty360US, start: "2024-01-01", due: "2025-01-01", nominal: 24_00),
    Single(rateE8: 24_000_000, dayCount: .thirtyE360, start: "2024-01-31", due: "2024-02-29", nominal: 24_00),
    Single(rateE8: 24_000_000, dayCount: .actual365Fixed, start: "2025-01-01", due: "2026-01-01", nominal: 24_00),
    Single(rateE8: 24_000_000, dayCount: .actualActualISDA, start: "2024-01-01", due: "2025-01-01", nominal: 24_00),
    Single(rateE8: 12_000_000, dayCount: .thirty360US, start: "2024-01-01", due: "2026-01-01", nominal: 12_00),
    // A year of 360 days costs 365 / 360 of its rate: 12 % · 100 / 360 · 365 / 100.
    Single(rateE8: 12_000_000, dayCount: .actual360, start: "2024-01-01", due: "2024-04-10", nominal: 12_17),
  ])
  func onePayment(item: Single) throws {
    var loan = try terms(1_000_00, item.rateE8, .singlePayment, 1, dayCount: item.dayCount, start: item.start)
    loan.firstDueDate = try CivilDate(iso8601: item.due)
    #expect(try percent(try cost(loan).nominal) == item.nominal)
  }

  /// The period of a single payment is its term, however many due dates make it up.
  @Test func aTermOfAnyLengthShowsItsRate() throws {
    for months in [1, 2, 3, 5, 7, 12, 18, 24, 60, 360, 1_200] {
      let loan = try terms(10_000_000_00, 24_000_000, .singlePayment, months)
      #expect(try cost(loan).nominal == Rate(e8: 24_000_000))
    }
    for days in [1, 7, 30, 31, 100, 365, 366, 1_000, 3_660] {
      var loan = try terms(365_000_000_00, 24_000_000, .singlePayment, 3, dayCount: .actual365Fixed)
      loan.frequency = .everyDays(days)
      #expect(try cost(loan).nominal == Rate(e8: 24_000_000))
    }
    // 24 % over one year and 48 % over two are both 24 % a year; compounded, the second is √1.48 − 1.
    #expect(try cost(terms(100_00, 24_000_000, .singlePayment, 12)).effective == Rate(e8: 24_000_000))
    #expect(try cost(terms(100_00, 24_000_000, .singlePayment, 24)).effective == Rate(e8: 21_655_251))
  }

  // MARK: Nothing but the rate

  @Test func withoutInterestTheCostIsZero() throws {
    var random = Seeded(3)
    for turn in 0..<200 {
      var loan = try randomTerms(&random)
      loan.annualRate = .zero
      if turn < 100 { loan.principal = Money(Int64(turn + 1), loan.principal.currency) }
      let cost = try cost(loan)
      #expect(cost.nominal == .zero && cost.effective == .zero, "\(loan)")
    }
  }

  /// Regular periods at the rate of a period are that rate a year, whatever the method and the currency.
  @Test(arguments: RepaymentMethod.allCases, [("CNY", Int64(100)), ("JPY", 1), ("KWD", 1_000)])
  func regularPeriodsShowTheirRate(method: RepaymentMethod, currency: (code: String, unit: Int64)) throws {
    for rate in [Int64(1_000_000), 4_350_000, 12_000_000, 24_000_000, 36_000_000] {
      for months in [1, 2, 3, 6, 12, 24] {
        for dayCount in [DayCount.thirty360US, .thirtyE360] {
          var loan = try terms(1, rate, method, 12, dayCount: dayCount, start: "2024-01-31")
          loan.principal = try Money(minorUnits: 10_000_000_000 * currency.unit, currencyCode: currency.code)
          loan.frequency = .monthly(every: months)
          let cost = try cost(loan)
          // A minor unit a row, at most, is 1e-10 of the principal.
          #expect(abs(cost.nominal.e8 - rate) <= 2, "\(loan) \(cost)")
        }
      }
      for days in [1, 7, 10, 14, 28, 90] {
        var loan = try terms(1, rate, method, 12, dayCount: .actual365Fixed)
        loan.principal = try Money(minorUnits: 10_000_000_000 * currency.unit, currencyCode: currency.code)
        loan.frequency = .everyDays(days)
        let cost = try cost(loan)
        #expect(abs(cost.nominal.e8 - rate) <= 8, "\(loan) \(cost)")
      }
    }
  }

  /// An odd first period leaves the rate where it is, but for the day or two by which the loan's day count measures it
  /// otherwise, and for interest on its interest: 0.15 percentage points at most for twelve payments at 12 %. Taken for a
  /// regular period it would show anything from 8 % to 20 %.
  @Test func oddFirstPeriodsShowTheRateToo() throws {
    for method in RepaymentMethod.allCases {
      for dayCount in DayCount.allCases where dayCount != .actual360 {
        for days in stride(from: 10, through: 100, by: 15) {
          for months in [1, 3] {
            var loan = try terms(1_000_000_00, 12_000_000, method, 12, dayCount: dayCount, start: "2025-01-15")
            loan.frequency = .monthly(every: months)
            loan.firstDueDate = try loan.startDate.adding(days: days)
            let nominal = try cost(loan).nominal
            #expect(abs(nominal.e8 - 12_000_000) <= 150_000, "\(method) \(dayCount) \(days): \(nominal)")
          }
        }
      }
    }
  }

  // MARK: The equation

  /// Each part of the first period from the dates alone, and the defining equation in integers of any size.
  @Test func theNominalRateSolvesTheEquation() throws {
    var random = Seeded(26)
    for _ in 0..<120 {
      let loan = try randomTerms(&random)
      let schedule = try Schedule.compute(loan)
      let nominal = try #require(schedule.annualizedCost(of: loan)?.nominal.e8)
      let first = try #require(schedule.rows.first?.dueDate)
      let (elapsed, length, year) = try measured(loan, to: first)
      // i = halves / 2e8 · length / year, over one denominator.
      func isReached(halves: Int64) -> Bool {
        let denominator = BigInt(2 * Rate.unitsPerOne) * BigInt(year)
        let growth = denominator + BigInt(halves) * BigInt(length)
        let whole = elapsed / length
        var value = BigInt(0)
        for row in schedule.rows.reversed() {
          let periods = row.number == 1 ? whole : 1
          value = (value + BigInt(row.total.minorUnits) * growth.power(schedule.rows.count - row.number))
          if row.number > 1 { value *= denominator } else { value *= denominator.power(periods) }
        }
        let periods = whole + schedule.rows.count - 1
        // advance · (1 + f · i) · (1 + i)^t, with f = odd / length and i = (growth − denominator) / denominator.
        let odd = BigInt(elapsed % length)
        let start = (denominator * BigInt(length) + odd * (growth - denominator)) * growth.power(periods)
        return value * denominator * BigInt(length) >= BigInt(loan.principal.minorUnits) * start
      }
      #expect(isReached(halves: 2 * nominal - 1) && !isReached(halves: 2 * nominal + 1), "\(loan) \(nominal)")
    }
  }

  /// The time to the first payment, the length of a unit period and the year, all in one unit: US Regulation Z,
  /// Appendix J, (b)(5), counted a month and a day at a time.
  private func measured(_ loan: ScheduleTerms, to due: CivilDate) throws -> (elapsed: Int, length: Int, year: Int) {
    let days = due.dayNumber - loan.startDate.dayNumber
    guard case .monthly(let step) = loan.frequency else {
      guard case .everyDays(let step) = loan.frequency, loan.method != .singlePayment else { return (days, days, 365) }
      return (days, step, 365)
    }
    var months = 0
    while try due.adding(months: -months - 1) >= loan.startDate { months += 1 }
    var rest = try due.adding(months: -months).dayNumber - loan.startDate.dayNumber
    // From the 31st to a shorter month's last day.
    if rest > 0, try loan.startDate.adding(months: months + 1) == due { (months, rest) = (months + 1, 0) }
    if loan.method == .singlePayment { return rest == 0 ? (months, months, 12) : (days, days, 365) }
    return (months * 30 + rest, step * 30, 360)
  }

  private func randomTerms(_ random: inout Seeded) throws -> ScheduleTerms {
    var loan = ScheduleTerms(
      principal: try Money(
        minorUnits: Int64.random(in: 1...1_000_000_000, using: &random),
        currencyCode: ["CNY", "JPY", "KWD"].randomElement(using: &random) ?? "CNY"),
      annualRate: Rate(e8: Int64.random(in: 0...50_000_000, using: &random)),
      method: RepaymentMethod.allCases.randomElement(using: &random) ?? .equalInstallment,
      frequency: .monthly(every: [1, 2, 3, 5, 6, 12, 24].randomElement(using: &random) ?? 1),
      dayCount: DayCount.allCases.randomElement(using: &random) ?? .actual360,
      startDate: try CivilDate(dayNumber: Int.random(in: 730_000...745_000, using: &random)),
      installmentCount: Int.random(in: 1...14, using: &random))
    if Bool.random(using: &random) { loan.frequency = .everyDays(Int.random(in: 1...100, using: &random)) }
    if Bool.random(using: &random) {
      // From a day to several whole periods.
      loan.firstDueDate = try loan.startDate.adding(days: Int.random(in: 1...500, using: &random))
    }
    return loan
  }
}
