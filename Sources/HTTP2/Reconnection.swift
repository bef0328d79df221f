import NIOCore
import RPC

/// When a channel may connect, and why it could not the last time. Belongs to the channel's loop.
struct Reconnection {
  private var backoff: Backoff
  private var notBefore = NIODeadline.uptimeNanoseconds(0)
  private var lastFailure = RPCError(.unavailable, "there is no connection")

  init(_ backoff: Backoff) { self.backoff = backoff }

  /// The error that calls get meanwhile and the time to wait; nil when an attempt may be made now.
  func hold(now: NIODeadline) -> (error: RPCError, wait: TimeAmount)? {
    now < notBefore ? (lastFailure, notBefore - now) : nil
  }

  mutating func failed(_ error: RPCError, now: NIODeadline) {
    lastFailure = error
    notBefore = now + TimeAmount(backoff.failed(chance: .random(in: 0...1)))
  }

  mutating func succeeded() { backoff.succeeded() }
}
