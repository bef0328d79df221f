/// How long to wait before something that failed is tried again: longer after each failure, with chance in it so that many
/// clients of a server that was gone do not come back at once. The numbers are those of gRPC's connection backoff protocol.
public struct Backoff: Sendable, Hashable {
  /// The wait after the first failure.
  public var initial: Duration = .seconds(1)
  /// What each further failure multiplies the wait by.
  public var multiplier = 1.6
  /// The longest wait, before chance.
  public var longest: Duration = .seconds(120)
  /// How much of the wait chance may add or take, as a fraction.
  public var jitter = 0.2

  private var failures = 0

  public init() {}

  public init(initial: Duration, multiplier: Double, longest: Duration) {
    self.initial = initial
    self.multiplier = multiplier
    self.longest = longest
  }

  /// The wait before the next attempt, as another one has failed. `chance` lies between 0 and 1.
  public mutating func failed(chance: Double) -> Duration {
    var wait = initial
    // The longest wait is reached after a few steps, or never, and then the steps change nothing.
    for _ in 0..<min(failures, Backoff.maxSteps) where wait < longest { wait = wait * multiplier }
    failures += 1
    return min(wait, longest) * (1 + jitter * (2 * chance - 1))
  }

  /// It went well: the next failure is a first one again.
  public mutating func succeeded() { failures = 0 }

  /// Steps after which the wait hardly grows any more, whatever the multiplier.
  private static let maxSteps = 1_000
}
