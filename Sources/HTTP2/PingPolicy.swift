/// How often a peer may ask whether this side is there.
struct PingPolicy: Sendable {
  private let interval: UInt64
  private let intervalWithCalls: UInt64
  private let maxStrikes: Int
  private var lastAt: UInt64?
  private var strikes = 0

  init(limits: Limits) {
    // The network moves PING frames closer together: a tenth is let pass.
    interval = UInt64(limits.minPingIntervalSeconds) * 900_000_000
    intervalWithCalls = UInt64(limits.minPingIntervalWithCallsSeconds) * 900_000_000
    maxStrikes = limits.maxPingStrikes
  }

  /// A PING came in. False when there were too many. `now` in nanoseconds.
  mutating func accept(now: UInt64, hasCalls: Bool) -> Bool {
    defer { lastAt = now }
    guard let lastAt, now &- lastAt < (hasCalls ? intervalWithCalls : interval) else { return true }
    strikes += 1
    return strikes <= maxStrikes
  }

  /// The connection carried something useful: peers measure the path with PINGs while they work.
  mutating func reset() {
    strikes = 0
    lastAt = nil
  }
}
