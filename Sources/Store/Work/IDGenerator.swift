import Glibc
import Synchronization

/// UUIDs of version 7 (RFC 9562): milliseconds, then twelve bits that count within the millisecond, so that ids of one
/// process only grow, then 62 random bits.
final class IDGenerator: Sendable {
  private struct State {
    var last: UInt64 = 0
    /// From the system, which is asked for many at a time.
    var random: [UInt64] = []
  }

  private let state = Mutex(State())

  /// A new id, 36 characters, lowercase.
  func next(at now: Timestamp) -> String {
    let microseconds = UInt64(clamping: now.microseconds)
    let fraction = (microseconds % 1_000) << 12 / 1_000
    let wanted = (microseconds / 1_000) << 12 | fraction
    let (time, random) = state.withLock { state in
      state.last = max(wanted, state.last + 1)
      if state.random.isEmpty { state.random = Self.randomWords() }
      return (state.last, state.random.removeLast())
    }
    let high = (time >> 12) << 16 | 0x7000 | time & 0xfff
    let low = random & (1 << 62 - 1) | 1 << 63
    return Self.text(high, low)
  }

  private static func randomWords() -> [UInt64] {
    var words: [UInt64] = Array(repeating: 0, count: 64)
    unsafe arc4random_buf(&words, words.count * MemoryLayout<UInt64>.size)
    return words
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
