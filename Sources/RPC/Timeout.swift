/// The `grpc-timeout` header: at most eight digits and a unit.
public enum Timeout {
  /// The timeout in nanoseconds, clamped to what fits, or nil when the bytes are not a timeout.
  public static func parse(_ bytes: Span<UInt8>) -> UInt64? {
    guard bytes.count >= 2, bytes.count <= 9 else { return nil }
    var value: UInt64 = 0
    for index in 0..<bytes.count - 1 {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      value = value * 10 + UInt64(digit)
    }
    let unit: UInt64
    switch bytes[bytes.count - 1] {
    case UInt8(ascii: "H"): unit = 3_600_000_000_000
    case UInt8(ascii: "M"): unit = 60_000_000_000
    case UInt8(ascii: "S"): unit = 1_000_000_000
    case UInt8(ascii: "m"): unit = 1_000_000
    case UInt8(ascii: "u"): unit = 1_000
    case UInt8(ascii: "n"): unit = 1
    default: return nil
    }
    let (nanoseconds, overflow) = value.multipliedReportingOverflow(by: unit)
    return overflow ? .max : nanoseconds
  }

  /// The header's value for a number of nanoseconds, in the finest unit whose number has at most eight digits,
  /// rounded up so that the peer does not give up before the caller.
  public static func format(nanoseconds: UInt64) -> String {
    let units: [(UInt64, String)] = [
      (1, "n"), (1_000, "u"), (1_000_000, "m"), (1_000_000_000, "S"), (60_000_000_000, "M"),
    ]
    for (size, name) in units {
      let number = nanoseconds / size + (nanoseconds % size == 0 ? 0 : 1)
      if number <= 99_999_999 { return "\(number)\(name)" }
    }
    return "\(min(nanoseconds / 3_600_000_000_000 + 1, 99_999_999))H"
  }
}
