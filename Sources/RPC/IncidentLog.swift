import Logging
import Synchronization

/// Says what peers do wrong, and who, at most once in a while for each kind of wrong: a flood of misconduct must not
/// become a flood of lines.
public final class IncidentLog: Sendable {
  private struct Kind {
    var loggedAt: UInt64
    var unloggedCount = 0
  }

  private let logger: Logger
  private let intervalNanoseconds: UInt64
  private let kinds = Mutex<[String: Kind]>([:])

  public init(logger: Logger, intervalSeconds: Int) {
    self.logger = logger
    intervalNanoseconds = UInt64(clamping: intervalSeconds) * 1_000_000_000
  }

  /// `kind` is one of few texts that the program knows; what varies belongs into `metadata`. A line tells how many of
  /// its kind were not logged since the last one. `now` in nanoseconds of monotonic time.
  public func report(
    _ kind: StaticString,
    peer: String,
    metadata: @autoclosure () -> Logger.Metadata = [:],
    now: UInt64 = Deadline.nowNanoseconds()
  ) {
    let kind = String(describing: kind)
    let unloggedCount = kinds.withLock { kinds -> Int? in
      if var known = kinds[kind], now &- known.loggedAt < intervalNanoseconds {
        known.unloggedCount += 1
        kinds[kind] = known
        return nil
      }
      defer { kinds[kind] = Kind(loggedAt: now) }
      return kinds[kind]?.unloggedCount ?? 0
    }
    guard let unloggedCount else { return }
    var metadata = metadata()
    metadata["peer"] = .string(peer)
    if unloggedCount > 0 { metadata["unlogged"] = "\(unloggedCount)" }
    logger.notice("\(kind)", metadata: metadata)
  }
}
