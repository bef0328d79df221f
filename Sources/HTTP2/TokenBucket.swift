/// A budget that fills up with time.
struct TokenBucket: Sendable {
  private let burst: Int
  private let perSecond: Int
  private var tokens: Int
  private var refilledAt: UInt64

  /// `now` in nanoseconds, here as below.
  init(burst: Int, perSecond: Int, now: UInt64) {
    self.burst = burst
    self.perSecond = perSecond
    tokens = burst
    refilledAt = now
  }

  /// Takes tokens; false, and none is taken, when there are fewer.
  mutating func take(_ count: Int = 1, now: UInt64) -> Bool {
    if tokens < count { refill(now) }
    guard tokens >= count else { return false }
    tokens -= count
    return true
  }

  /// Gives tokens back.
  mutating func earn(_ count: Int) { tokens = min(burst, tokens &+ min(count, burst)) }

  private mutating func refill(_ now: UInt64) {
    guard perSecond > 0, now > refilledAt else { return }
    let (product, overflow) = (now - refilledAt).multipliedReportingOverflow(by: UInt64(perSecond))
    let earned = overflow ? UInt64(burst) : product / 1_000_000_000
    guard earned > 0 else { return }
    tokens = min(burst, tokens + Int(min(earned, UInt64(burst))))
    refilledAt = now
  }
}
