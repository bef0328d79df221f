import RPC

/// What the calls of a channel share in retries. Belongs to the channel's loop.
final class RetryBudget: @unchecked Sendable {
  /// Whether attempts that fail are made again.
  var throttle: RetryThrottle?
  private let maxBytesPerCall: Int
  private let maxBytes: Int
  private var byteCount = 0

  init(throttle: RetryThrottle?, limits: ClientLimits) {
    self.throttle = throttle
    maxBytesPerCall = limits.maxRetryBufferBytesPerCall
    maxBytes = limits.maxRetryBufferBytes
  }

  /// A call has more to keep than it had. False when that is too much: then it is to give back all that it had.
  func take(_ newCount: Int, from oldCount: Int) -> Bool {
    guard newCount <= maxBytesPerCall, byteCount + newCount - oldCount <= maxBytes else { return false }
    byteCount += newCount - oldCount
    return true
  }

  func giveBack(_ count: Int) { byteCount -= count }
}
