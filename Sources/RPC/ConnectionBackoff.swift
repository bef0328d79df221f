/// How long to wait before connecting again: longer after each failure, with chance in it so that many clients of a server
/// that was gone do not come back at once. The numbers are those of gRPC's connection backoff protocol.
public struct ConnectionBackoff: Sendable, Hashable {
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

  /// The wait before the next attempt, as another one has failed. `chance` lies between 0 and 1.
  public mutating func failed(chance: Double) -> Duration {
    var wait = initial
    // The longest wait is reached after a few steps, so that the loop is short however many failures there were.
    for _ in 0..<failures where wait < longest { wait = wait * multiplier }
    failures += 1
    return min(wait, longest) * (1 + jitter * (2 * chance - 1))
  }

  /// A connection was made: the next failure is a first one again.
  public mutating func succeeded() { failures = 0 }
}
