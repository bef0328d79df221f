/// When a call that failed is made again, as gRPC's service config says it.
public struct RetryPolicy: Sendable, Hashable {
  /// Attempts, the first one included.
  public let maxAttempts: Int
  /// The wait before another attempt.
  public let backoff: Backoff
  /// The outcomes after which there is another attempt.
  public let retryableStatusCodes: Set<StatusCode>

  /// More attempts than these are not made, whatever a policy asks for.
  public static let largestMaxAttempts = 5

  public init(maxAttempts: Int, backoff: Backoff, retryableStatusCodes: Set<StatusCode>) {
    self.maxAttempts = min(maxAttempts, RetryPolicy.largestMaxAttempts)
    self.backoff = backoff
    self.retryableStatusCodes = retryableStatusCodes
  }
}

/// Keeps retries from making an overload worse: once too many attempts fail, those that fail are not made again. One for all
/// the calls of a channel.
public struct RetryThrottle: Sendable, Hashable {
  private let maxTokens: Int
  private let ratio: Int
  /// In thousandths, as all here.
  private var tokens: Int

  /// `maxTokens` failures empty a full budget, `tokenRatio` is what a success earns; three decimal places count.
  public init(maxTokens: Int, tokenRatio: Double) {
    self.maxTokens = maxTokens * 1_000
    ratio = Int((tokenRatio * 1_000).rounded())
    tokens = self.maxTokens
  }

  /// Whether a failed attempt may be made again.
  public var allowsRetry: Bool { tokens > maxTokens / 2 }

  mutating func failed() { tokens = max(tokens - 1_000, 0) }

  mutating func succeeded() { tokens = min(tokens + ratio, maxTokens) }
}
