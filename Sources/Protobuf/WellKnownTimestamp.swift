extension GoogleProtobuf.Timestamp {
  /// 0001-01-01T00:00:00Z … 9999-12-31T23:59:59Z, in seconds since 1970.
  static let validSeconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

  /// Whether the time lies in the years 1…9999 and `nanos` in 0…999 999 999, as the contract of `Timestamp` asks.
  public var isValid: Bool { Self.validSeconds.contains(seconds) && (0...999_999_999).contains(nanos) }

  /// The time so many microseconds after (or before) 1970-01-01T00:00:00Z.
  public init(microsecondsSince1970 microseconds: Int64) {
    let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    let borrowed: Int64 = remainder < 0 ? 1 : 0
    self.init(seconds: quotient - borrowed, nanos: Int32((remainder + borrowed * 1_000_000) * 1000))
  }

  /// Microseconds since 1970-01-01T00:00:00Z, rounded down. Nil if they do not fit.
  public var microsecondsSince1970: Int64? {
    // Before 1970 a second is taken from the whole ones: the earliest time fits, its seconds alone would not.
    let borrowed: Int64 = seconds < 0 ? 1 : 0
    let (product, overflow) = (seconds + borrowed).multipliedReportingOverflow(by: 1_000_000)
    let fraction = Int64(nanos).flooredDivision(by: 1000) - borrowed * 1_000_000
    let (sum, overflowsToo) = product.addingReportingOverflow(fraction)
    return overflow || overflowsToo ? nil : sum
  }

  /// The time as RFC 3339 text in UTC with 0, 3, 6 or 9 digits of fraction, such as `2026-11-24T14:05:00.250Z`. Nil if
  /// it is not valid.
  public var rfc3339: String? {
    guard isValid else { return nil }
    let days = seconds.flooredDivision(by: 86_400)
    let secondOfDay = Int(seconds - days * 86_400)
    let date = CivilDate(daysSince1970: Int(days))
    let clock = [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].map { $0.padded(to: 2) }
    return "\(date.year.padded(to: 4))-\(date.month.padded(to: 2))-\(date.day.padded(to: 2))"
      + "T\(clock.joined(separator: ":"))\(Fraction.text(nanos))Z"
  }

  /// Reads RFC 3339 text with any offset and up to nine digits of fraction. Nil for anything else, leap seconds
  /// included.
  public init?(rfc3339 text: String) {
    var scanner = TextScanner(text)
    guard let year = scanner.number(digits: 4), scanner.skip("-"),
      let month = scanner.number(digits: 2), scanner.skip("-"),
      let day = scanner.number(digits: 2), scanner.skip("T") || scanner.skip("t"),
      let hour = scanner.number(digits: 2), hour < 24, scanner.skip(":"),
      let minute = scanner.number(digits: 2), minute < 60, scanner.skip(":"),
      let second = scanner.number(digits: 2), second < 60,
      let nanos = scanner.fraction(),
      let offset = scanner.offset(), scanner.isAtEnd,
      let date = CivilDate(year: year, month: month, day: day)
    else { return nil }
    self.init(
      seconds: Int64(date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second - offset),
      nanos: nanos
    )
    if !isValid { return nil }
  }
}

extension GoogleProtobuf.Timestamp: Comparable {
  public static func < (left: Self, right: Self) -> Bool { (left.seconds, left.nanos) < (right.seconds, right.nanos) }

  /// The time from `start` to `end`.
  public static func - (end: Self, start: Self) -> Swift.Duration {
    .seconds(end.seconds) - .seconds(start.seconds) + .nanoseconds(Int64(end.nanos) - Int64(start.nanos))
  }

  /// The time `duration` later, to the nanosecond; at the ends of 64-bit seconds it stops.
  public static func + (time: Self, duration: Swift.Duration) -> Self {
    let (seconds, attoseconds) = duration.components
    let nanos = Int64(time.nanos) + attoseconds / 1_000_000_000
    let carry = nanos.flooredDivision(by: 1_000_000_000)
    let (sum, overflow) = time.seconds.addingReportingOverflow(seconds)
    let (total, overflowsToo) = sum.addingReportingOverflow(carry)
    if overflow || overflowsToo { return Self(seconds: seconds < 0 ? .min : .max, nanos: 0) }
    return Self(seconds: total, nanos: Int32(nanos - carry * 1_000_000_000))
  }

  public static func - (time: Self, duration: Swift.Duration) -> Self { time + (.zero - duration) }
}

extension Int64 {
  /// The quotient rounded down. `divisor` is positive.
  func flooredDivision(by divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
