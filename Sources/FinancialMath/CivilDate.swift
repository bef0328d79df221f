/// A day of the proleptic Gregorian calendar, 0001-01-01 through 9999-12-31. It has no time and no time zone.
public struct CivilDate: Sendable, Hashable, Comparable, CustomStringConvertible {
  private let packedYear: Int16
  private let packedMonth: UInt8
  private let packedDay: UInt8

  public var year: Int { Int(packedYear) }
  /// 1 through 12.
  public var month: Int { Int(packedMonth) }
  /// 1 through 31.
  public var day: Int { Int(packedDay) }

  public static let yearRange = 1...9999
  public static let min = CivilDate(uncheckedYear: 1, month: 1, day: 1)
  public static let max = CivilDate(uncheckedYear: 9999, month: 12, day: 31)

  /// - Throws: `CivilDateError.invalid` when there is no such day.
  public init(year: Int, month: Int, day: Int) throws(CivilDateError) {
    guard CivilDate.yearRange.contains(year), let length = CivilDate.daysInMonth(year: year, month: month),
      day >= 1, day <= length
    else { throw .invalid(year: year, month: month, day: day) }
    self.init(uncheckedYear: year, month: month, day: day)
  }

  /// Only for values known to be in range.
  private init(uncheckedYear year: Int, month: Int, day: Int) {
    packedYear = Int16(truncatingIfNeeded: year)
    packedMonth = UInt8(truncatingIfNeeded: month)
    packedDay = UInt8(truncatingIfNeeded: day)
  }

  public static func < (left: CivilDate, right: CivilDate) -> Bool {
    (left.packedYear, left.packedMonth, left.packedDay) < (right.packedYear, right.packedMonth, right.packedDay)
  }

  /// ISO 8601 calendar date: `2024-02-29`.
  public var description: String {
    func padded(_ value: Int, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }
}

/// Why a day does not exist or cannot be represented.
public enum CivilDateError: Error, Sendable, Hashable, CustomStringConvertible {
  case invalid(year: Int, month: Int, day: Int)
  /// The text is not of the form YYYY-MM-DD.
  case malformed(String)
  /// The result lies outside 0001-01-01 through 9999-12-31.
  case outOfRange
  /// The anchor is not a day of a month, 1 through 31.
  case invalidAnchorDay(Int)

  public var description: String {
    switch self {
    case .invalid(let year, let month, let day): "there is no day \(year)-\(month)-\(day)"
    case .malformed(let text): "\"\(text)\" is not a date of the form YYYY-MM-DD"
    case .outOfRange: "the date lies outside 0001-01-01 through 9999-12-31"
    case .invalidAnchorDay(let day): "an anchor day is 1 through 31, not \(day)"
    }
  }
}

// MARK: - ISO 8601

extension CivilDate {
  /// Reads exactly `YYYY-MM-DD` in ASCII digits.
  public init(iso8601 text: String) throws(CivilDateError) {
    let bytes = Array(text.utf8.prefix(11))
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      let year = CivilDate.number(bytes[0..<4]), let month = CivilDate.number(bytes[5..<7]),
      let day = CivilDate.number(bytes[8..<10])
    else { throw .malformed(String(text.prefix(32))) }
    try self.init(year: year, month: month, day: day)
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
    var value = 0
    for byte in bytes {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return value
  }
}

// MARK: - Calendar

extension CivilDate {
  public static func isLeapYear(_ year: Int) -> Bool {
    year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
  }

  /// 28 through 31, or nil when `month` is not 1 through 12.
  public static func daysInMonth(year: Int, month: Int) -> Int? {
    switch month {
    case 1, 3, 5, 7, 8, 10, 12: 31
    case 4, 6, 9, 11: 30
    case 2: isLeapYear(year) ? 29 : 28
    default: nil
    }
  }

  public var isLastDayOfMonth: Bool { day == CivilDate.daysInMonth(year: year, month: month) }

  /// Days since 0001-01-01, which is day 0.
  public var dayNumber: Int {
    CivilDate.daysBeforeYear(year) + CivilDate.daysBefore(month: month, leap: CivilDate.isLeapYear(year)) + day - 1
  }

  /// - Throws: `CivilDateError.outOfRange`.
  public init(dayNumber: Int) throws(CivilDateError) {
    guard dayNumber >= 0, dayNumber <= CivilDate.max.dayNumber else { throw .outOfRange }
    // The mean year is 146 097 / 400 days; the estimate is at most one year off.
    var year = dayNumber * 400 / 146_097 + 1
    if CivilDate.daysBeforeYear(year) > dayNumber { year -= 1 }
    if CivilDate.daysBeforeYear(year + 1) <= dayNumber { year += 1 }
    let dayOfYear = dayNumber - CivilDate.daysBeforeYear(year)
    let leap = CivilDate.isLeapYear(year)
    var month = 12
    while CivilDate.daysBefore(month: month, leap: leap) > dayOfYear { month -= 1 }
    self.init(
      uncheckedYear: year,
      month: month,
      day: dayOfYear - CivilDate.daysBefore(month: month, leap: leap) + 1
    )
  }

  /// Actual days from this day to `other`; negative when `other` is earlier.
  public func days(until other: CivilDate) -> Int { other.dayNumber - dayNumber }

  public func adding(days: Int) throws(CivilDateError) -> CivilDate {
    let (number, overflow) = dayNumber.addingReportingOverflow(days)
    guard !overflow else { throw .outOfRange }
    return try CivilDate(dayNumber: number)
  }

  /// The day that lies `days` days away, or the calendar's last or first day where that is beyond it.
  public func clampedAdding(days: Int) -> CivilDate {
    (try? adding(days: days)) ?? (days < 0 ? .min : .max)
  }

  /// The anchor day of the month that lies `months` months away, or that month's last day when it is shorter.
  ///
  /// Stepping from the anchor and not from the previous result keeps the 31st: 01-31, 02-29, 03-31.
  /// - Parameter anchorDay: 1 through 31; the day of this date when left out.
  public func adding(months: Int, anchorDay: Int? = nil) throws(CivilDateError) -> CivilDate {
    let anchor = anchorDay ?? day
    guard anchor >= 1, anchor <= 31 else { throw .invalidAnchorDay(anchor) }
    let (index, overflow) = ((year - 1) * 12 + month - 1).addingReportingOverflow(months)
    guard !overflow, index >= 0, index < 9999 * 12 else { throw .outOfRange }
    let (year, month) = (index / 12 + 1, index % 12 + 1)
    let length = CivilDate.daysInMonth(year: year, month: month) ?? 31
    return CivilDate(uncheckedYear: year, month: month, day: Swift.min(anchor, length))
  }

  /// The full months up to `end`, measured back from it, and the actual days from this day to the first of them.
  ///
  /// A month whose last day stands for the 29th, 30th or 31st is a full one: 01-31 to 02-29 is a month, as is 02-29 to
  /// 03-31. `end` must not be earlier than this day.
  ///
  /// Source: US Regulation Z, 12 CFR 1026, Appendix J, (b)(3)(iv) and (b)(5)(ii).
  public func monthsAndDays(until end: CivilDate) throws(CivilDateError) -> (months: Int, days: Int) {
    let months = (end.year - year) * 12 + end.month - month
    if try adding(months: months) == end { return (months, 0) }
    let back = try end.adding(months: -months)
    if back >= self { return (months, days(until: back)) }
    return (months - 1, days(until: try end.adding(months: 1 - months)))
  }

  private static func daysBeforeYear(_ year: Int) -> Int {
    let passed = year - 1
    return passed * 365 + passed / 4 - passed / 100 + passed / 400
  }

  private static func daysBefore(month: Int, leap: Bool) -> Int {
    let common =
      switch month {
      case 1: 0
      case 2: 31
      case 3: 59
      case 4: 90
      case 5: 120
      case 6: 151
      case 7: 181
      case 8: 212
      case 9: 243
      case 10: 273
      case 11: 304
      default: 334
      }
    return leap && month > 2 ? common + 1 : common
  }
}
