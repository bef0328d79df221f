import FinancialMath

/// A period between due dates with its length in years, as a numerator over the denominator of the day count.
struct InterestPeriod: Hashable {
  var start: CivilDate
  var end: CivilDate
  var yearNumerator: Int64
}

extension ScheduleTerms {
  /// The last due date.
  public var maturity: CivilDate {
    get throws(ScheduleError) { try dueDate(installmentCount) }
  }

  /// The consecutive periods from the start to the last due date.
  ///
  /// Under 30/360 a period of whole calendar months counts 30 days a month even where the month's end clamped one of
  /// its dates: a schedule from the 31st bears the same monthly interest as one from the 15th, rate / 12.
  func periods() throws(ScheduleError) -> [InterestPeriod] {
    var periods: [InterestPeriod] = []
    periods.reserveCapacity(installmentCount)
    var start = startDate
    for number in 1...installmentCount {
      let end = try dueDate(number)
      guard end > start else {
        throw ScheduleError(
          field: "first_due_date",
          reason: .notAfterStart,
          message: "due dates must follow each other"
        )
      }
      let isWhole = number > 1 ? true : try end == step(startDate, 1, anchorDay: startDate.day)
      periods.append(
        InterestPeriod(start: start, end: end, yearNumerator: try yearNumerator(start, end, isWhole: isWhole))
      )
      start = end
    }
    return periods
  }

  /// All periods as one, for a single payment. Actual days add up; so do whole months of 30 days.
  func periodToMaturity() throws(ScheduleError) -> InterestPeriod {
    let periods = try periods()
    let maturity = periods.last?.end ?? startDate
    if dayCount.countsThirtyDayMonths, case .monthly = frequency {
      let sum = periods.reduce(0) { $0 + $1.yearNumerator }
      return InterestPeriod(start: startDate, end: maturity, yearNumerator: sum)
    }
    let numerator = try yearNumerator(startDate, maturity, isWhole: false)
    return InterestPeriod(start: startDate, end: maturity, yearNumerator: numerator)
  }

  /// Each due date is stepped from the first one, so that a clamped month does not pull later dates to its end.
  private func dueDate(_ number: Int) throws(ScheduleError) -> CivilDate {
    if let firstDueDate { return try step(firstDueDate, number - 1, anchorDay: firstDueDate.day) }
    return try step(startDate, number, anchorDay: startDate.day)
  }

  private func step(_ date: CivilDate, _ count: Int, anchorDay: Int) throws(ScheduleError) -> CivilDate {
    do throws(CivilDateError) {
      switch frequency {
      case .monthly(let months): return try date.adding(months: count * months, anchorDay: anchorDay)
      case .everyDays(let days): return try date.adding(days: count * days)
      }
    } catch {
      throw ScheduleError(
        field: "installment_count",
        reason: .dateOutOfRange,
        message: "installment \(count) would fall due after \(CivilDate.max)"
      )
    }
  }

  private func yearNumerator(_ start: CivilDate, _ end: CivilDate, isWhole: Bool) throws(ScheduleError) -> Int64 {
    if isWhole, dayCount.countsThirtyDayMonths, case .monthly(let months) = frequency { return Int64(months) * 30 }
    do throws(DayCountError) {
      return try dayCount.fraction(from: start, to: end).numerator
    } catch {
      throw ScheduleError(field: "first_due_date", reason: .notAfterStart, message: error.description)
    }
  }
}
