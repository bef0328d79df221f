/// Whether a peer takes fast enough what waits for it. Times are nanoseconds of monotonic time.
///
/// Within any `stalledWriteTimeoutSeconds` it must take all that waits, or `minResponseBytesPerSecond` on average: a byte now
/// and then holds up as much as none.
struct ReadingPace: Sendable {
  private let interval: UInt64
  private let minBytes: Int
  /// Since when something waits, or since the peer last took enough.
  private var since: UInt64 = 0
  private var taken = 0

  init(limits: Limits) {
    interval = Limits.nanoseconds(limits.stalledWriteTimeoutSeconds)
    minBytes = max(1, limits.minResponseBytesPerSecond * limits.stalledWriteTimeoutSeconds)
  }

  /// Nothing has waited until now, or not because of the peer.
  mutating func restart(now: UInt64) {
    since = now
    taken = 0
  }

  /// The peer has taken something.
  mutating func take(_ byteCount: Int, now: UInt64) {
    taken &+= byteCount
    if taken >= minBytes { restart(now: now) }
  }

  /// To be asked only while something waits.
  func isStalled(now: UInt64) -> Bool { now &- since > interval }
}
