import Synchronization

/// Since when a connection has had no call. The connection's loop writes it, and the server's gate reads it.
final class IdleMark: Sendable {
  private static let busy = UInt64.max
  private static let leaving = UInt64.max - 1

  private let since: Atomic<UInt64>

  /// A new connection has no call. `now` in nanoseconds of monotonic time.
  init(now: UInt64) { since = Atomic(now) }

  /// The last call has ended.
  func beginIdling(now: UInt64) { since.store(now, ordering: .relaxed) }

  /// A call begins.
  func endIdling() { since.store(IdleMark.busy, ordering: .relaxed) }

  /// The connection has been asked to go, and no call has begun since.
  var isLeaving: Bool { since.load(ordering: .relaxed) == IdleMark.leaving }

  /// When the last call ended, in nanoseconds; nil while there is one, or when the connection leaves.
  var idleSince: UInt64? {
    let since = since.load(ordering: .relaxed)
    return since < IdleMark.leaving ? since : nil
  }

  /// The connection is to go if it has been idle since `time`; false when it has not.
  func leave(idleSince time: UInt64) -> Bool {
    since.compareExchange(expected: time, desired: IdleMark.leaving, ordering: .relaxed).exchanged
  }
}
