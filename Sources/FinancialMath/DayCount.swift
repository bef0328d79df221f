/// How the length of a period is measured in years. The first day counts, the last does not.
public enum DayCount: String, Sendable, Hashable, CaseIterable {
  /// 30/360 US, bond basis: a start on the 31st becomes the 30th; so does an end on the 31st after such a start.
  case thirty360US = "THIRTY_360_US"
  /// 30E/360, Eurobond basis: the 31st becomes the 30th on both ends.
  case thirtyE360 = "THIRTY_E_360"
  case actual360 = "ACTUAL_360"
  case actual365Fixed = "ACTUAL_365_FIXED"
  /// ACT/ACT ISDA: days in common years over 365 and days in leap years over 366, split at 1 January.
  case actualActualISDA = "ACTUAL_ACTUAL_ISDA"

  /// The fixed denominator of the convention; the numerator of each period is an integer over it.
  public var denominator: Int64 {
    switch self {
    case .thirty360US, .thirtyE360, .actual360: 360
    case .actual365Fixed: 365
    case .actualActualISDA: 365 * 366
    }
  }

  /// Whether each month counts as 30 days.
  public var countsThirtyDayMonths: Bool { self == .thirty360US || self == .thirtyE360 }
}

/// A length in years as an exact fraction.
public struct YearFraction: Sendable, Hashable {
  public let numerator: Int64
  public let denominator: Int64

  public init(numerator: Int64, denominator: Int64) {
    self.numerator = numerator
    self.denominator = denominator
  }
}

/// Why a period has no length.
public enum DayCountError: Error, Sendable, Hashable, CustomStringConvertible {
  case reversedPeriod(from: CivilDate, to: CivilDate)

  public var description: String {
    switch self {
    case .reversedPeriod(let start, let end): "a period cannot end on \(end), before its start on \(start)"
    }
  }
}

extension DayCount {
  /// The length of the period in years, over `denominator`.
  /// - Throws: `DayCountError.reversedPeriod` when `end` is before `start`; an empty period has length zero.
  public func fraction(from start: CivilDate, to end: CivilDate) throws(DayCountError) -> YearFraction {
    guard start <= end else { throw .reversedPeriod(from: start, to: end) }
    return YearFraction(numerator: Int64(numerator(from: start, to: end)), denominator: denominator)
  }

  private func numerator(from start: CivilDate, to end: CivilDate) -> Int {
    switch self {
    case .actual360, .actual365Fixed:
      return start.days(until: end)
    case .thirty360US:
      let firstDay = min(start.day, 30)
      return thirtyDayMonths(start, firstDay, end, end.day == 31 && firstDay == 30 ? 30 : end.day)
    case .thirtyE360:
      return thirtyDayMonths(start, min(start.day, 30), end, min(end.day, 30))
    case .actualActualISDA:
      let inLeapYears = DayCount.leapYearDays(before: end) - DayCount.leapYearDays(before: start)
      let inCommonYears = start.days(until: end) - inLeapYears
      return inCommonYears * 366 + inLeapYears * 365
    }
  }

  private func thirtyDayMonths(_ start: CivilDate, _ firstDay: Int, _ end: CivilDate, _ lastDay: Int) -> Int {
    // 30E/360 counts nothing between the 30th and the 31st of a month; it never counts backward.
    max(0, (end.year - start.year) * 360 + (end.month - start.month) * 30 + lastDay - firstDay)
  }

  /// How many of the days from 0001-01-01 up to but not including `date` lie in leap years.
  private static func leapYearDays(before date: CivilDate) -> Int {
    let passed = date.year - 1
    let leapYears = passed / 4 - passed / 100 + passed / 400
    let inThisYear = CivilDate.isLeapYear(date.year) ? date.dayNumber - (passed * 365 + leapYears) : 0
    return leapYears * 366 + inThisYear
  }
}
