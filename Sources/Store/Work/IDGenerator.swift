import Synchronization

/// UUIDs of version 7 (RFC 9562): milliseconds, then twelve bits that count within the millisecond, so that ids of one
/// process only grow, then 62 random bits.
final class IDGenerator: Sendable {
  private let last = Mutex<UInt64>(0)

  /// A new id, 36 characters, lowercase.
  func next(at now: Timestamp) -> String {
    let microseconds = UInt64(clamping: now.microseconds)
    let fraction = (microseconds % 1_000) << 12 / 1_000
    let wanted = (microseconds / 1_000) << 12 | fraction
    let time = last.withLock { last in
      last = max(wanted, last + 1)
      return last
    }
    let high = (time >> 12) << 16 | 0x7000 | time & 0xfff
    let low = UInt64.random(in: .min ... .max) & (1 << 62 - 1) | 1 << 63
    return Self.text(high, low)
  }

  private static func text(_ high: UInt64, _ low: UInt64) -> String {
    var digits: [UInt8] = []
    digits.reserveCapacity(36)
    for index in 0..<16 {
      if index == 4 || index == 6 || index == 8 || index == 10 { digits.append(45) }
      let word = index < 8 ? high : low
      let byte = UInt8(truncatingIfNeeded: word >> UInt64(56 - index % 8 * 8))
      digits.append(Hex.digit(byte >> 4))
      digits.append(Hex.digit(byte & 15))
    }
    return String(decoding: digits, as: UTF8.self)
  }
}
