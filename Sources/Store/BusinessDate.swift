import RPC

/// A day of the business calendar.
public struct BusinessDate: Sendable, Hashable, Comparable, Bindable, ColumnValue, CustomStringConvertible {
  public let year: Int
  public let month: Int
  public let day: Int

  /// Nil where the Gregorian calendar has no such day, or the year is not in 1 to 9999.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9_999).contains(year), (1...12).contains(month) else { return nil }
    let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard day >= 1, day <= lengths[month - 1] else { return nil }
    (self.year, self.month, self.day) = (year, month, day)
  }

  /// From the form 2024-01-31 of ISO 8601; nil for any other.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
      parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// The day of a moment in Coordinated Universal Time; nil outside the years 1 to 9999.
  init?(_ time: Timestamp) {
    // Days from 0000-03-01, in whose years the leap day comes last; 400 years have 146,097 days.
    let days = time.seconds.quotientRoundedDown(86_400) + 719_468
    let era = days.quotientRoundedDown(146_097)
    let dayOfEra = days - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    self.init(year: Int(year), month: Int(month), day: Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1))
  }

  public var description: String {
    let pad = { (value: Int, width: Int) in
      String(repeating: "0", count: max(0, width - String(value).count)) + String(value)
    }
    return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
  }

  public static func < (left: BusinessDate, right: BusinessDate) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }

  public var sqlValue: SQLValue { .text(description) }
  public static func read(_ row: borrowing Row, _ index: Int) throws(SQLError) -> BusinessDate {
    guard let date = BusinessDate(try row.text(index)) else { throw row.mismatch(index, expected: "a date") }
    return date
  }
}

extension Int64 {
  fileprivate func quotientRoundedDown(_ divisor: Int64) -> Int64 {
    self >= 0 ? self / divisor : (self - divisor + 1) / divisor
  }
}

/// The one row that holds the business date.
enum BusinessDateTable {
  static func current(_ connection: Connection) throws -> BusinessDate {
    guard
      let date = try connection.first(
        "SELECT date FROM store_business_date WHERE id = 1", row: { row in try row[0] as BusinessDate })
    else { throw RPCError.failedPrecondition(reason: "NO_BUSINESS_DATE", message: "the business date is not set") }
    return date
  }

  /// Sets the first business date, unless there is one.
  static func start(_ date: BusinessDate, now: Timestamp, _ connection: Connection) throws {
    try connection.execute(
      "INSERT INTO store_business_date (id, date, closed_at) VALUES (1, ?1, ?2) ON CONFLICT (id) DO NOTHING",
      date, now)
  }

  static func close(next: BusinessDate, now: Timestamp, _ connection: Connection) throws {
    let current = try current(connection)
    guard next > current else {
      throw RPCError.failedPrecondition(
        reason: "BUSINESS_DATE", message: "the next business date must be later than \(current)",
        metadata: ["business_date": current.description])
    }
    try connection.execute("UPDATE store_business_date SET date = ?1, closed_at = ?2 WHERE id = 1", next, now)
  }
}
