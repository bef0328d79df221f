extension GoogleProtobuf.Duration {
  /// 10 000 years, in seconds.
  static let validSeconds: ClosedRange<Int64> = -315_576_000_000...315_576_000_000

  /// Whether it is 10 000 years at most and its two parts do not differ in sign, as the contract of `Duration` asks.
  public var isValid: Bool {
    Self.validSeconds.contains(seconds) && (-999_999_999...999_999_999).contains(nanos)
      && !(seconds < 0 && nanos > 0) && !(seconds > 0 && nanos < 0)
  }

  /// To the nanosecond, cut off towards zero.
  public init(_ duration: Swift.Duration) {
    let (seconds, attoseconds) = duration.components
    self.init(seconds: seconds, nanos: Int32(attoseconds / 1_000_000_000))
  }

  /// The same length of time.
  public var duration: Swift.Duration { .seconds(seconds) + .nanoseconds(Int64(nanos)) }

  /// Seconds with 0, 3, 6 or 9 digits of fraction and an `s`, such as `-1.500s`. Nil if it is not valid.
  public var text: String? {
    guard isValid else { return nil }
    let sign = seconds < 0 || nanos < 0 ? "-" : ""
    return "\(sign)\(seconds.magnitude)\(Fraction.text(nanos < 0 ? -nanos : nanos))s"
  }

  /// Reads seconds with up to nine digits of fraction and an `s`. Nil for anything else.
  public init?(text: String) {
    var scanner = TextScanner(text)
    let isNegative = scanner.skip("-")
    guard let seconds = scanner.number(upTo: 12), let nanos = scanner.fraction(), scanner.skip("s"), scanner.isAtEnd
    else { return nil }
    self.init(seconds: isNegative ? -Int64(seconds) : Int64(seconds), nanos: isNegative ? -nanos : nanos)
    if !isValid { return nil }
  }
}

extension Swift.Duration {
  public init(_ duration: GoogleProtobuf.Duration) { self = duration.duration }
}
