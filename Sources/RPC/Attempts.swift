/// The attempts of a client's call. A value: it decides whether there is another one, and others make it.
public struct Attempts: Sendable {
  /// How an attempt ended.
  public enum Outcome: Sendable {
    case succeeded
    /// The request did not leave this side.
    case unsent(RPCError)
    /// The server says that it did nothing with the request.
    case unprocessed(RPCError)
    /// The call failed; `pushback` is what the server says about another attempt, the value of `grpc-retry-pushback-ms`.
    case failed(RPCError, pushback: String? = nil)
  }

  public enum Verdict: Sendable, Equatable {
    /// The call is over; nil is OK.
    case end(RPCError?)
    case again(after: Duration)
  }

  /// Attempts that the policy has had made again: what `grpc-previous-rpc-attempts` tells the server.
  public private(set) var previous = 0
  private let policy: RetryPolicy?
  private var backoff: Backoff
  /// Of attempts that never left this side: the first follows at once, the others do not become a loop.
  private var pace = Backoff()
  private var unsentCount = 0
  private var wasUnprocessed = false
  private var isCommitted = false

  public init(policy: RetryPolicy?) {
    self.policy = policy
    backoff = policy?.backoff ?? Backoff()
  }

  /// The response has begun, or what was sent is not kept any more: this attempt is the last.
  public mutating func commit() { isCommitted = true }

  /// An attempt is over. `chance` lies between 0 and 1.
  public mutating func judge(
    _ outcome: Outcome,
    throttle: inout RetryThrottle?,
    chance: Double = .random(in: 0...1)
  ) -> Verdict {
    switch outcome {
    case .succeeded:
      throttle?.succeeded()
      return .end(nil)
    case .unsent(let error):
      guard !isCommitted else { return .end(error) }
      unsentCount += 1
      return .again(after: unsentCount == 1 ? .zero : pace.failed(chance: chance))
    case .unprocessed(let error):
      guard wasUnprocessed || isCommitted else {
        wasUnprocessed = true
        return .again(after: .zero)
      }
      return failed(error, pushback: nil, &throttle, chance)
    case .failed(let error, let pushback):
      return failed(error, pushback: pushback, &throttle, chance)
    }
  }

  private mutating func failed(
    _ error: RPCError,
    pushback: String?,
    _ throttle: inout RetryThrottle?,
    _ chance: Double
  ) -> Verdict {
    guard let policy else { return .end(error) }
    let pushbackMilliseconds = pushback.map { Int32(digits: $0) ?? -1 }
    guard policy.retryableStatusCodes.contains(error.code), pushbackMilliseconds ?? 0 >= 0 else {
      if let pushbackMilliseconds, pushbackMilliseconds < 0 { throttle?.failed() }
      return .end(error)
    }
    throttle?.failed()
    guard throttle?.allowsRetry ?? true, !isCommitted, previous + 1 < policy.maxAttempts else { return .end(error) }
    previous += 1
    if let pushbackMilliseconds {
      backoff.succeeded()
      return .again(after: .milliseconds(pushbackMilliseconds))
    }
    return .again(after: backoff.failed(chance: chance))
  }
}
