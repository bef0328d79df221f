#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A point in monotonic time.
public struct Deadline: Sendable, Hashable, Comparable {
  /// The deadline of the call that a server's handler is at, in its task and the tasks that come of it.
  @TaskLocal static var ofHandledCall: Deadline?

  /// Nanoseconds on the monotonic clock of this machine.
  public let nanoseconds: UInt64

  public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// The point that lies `timeout` from now; a negative timeout is now.
  public init(after timeout: Duration) {
    self.init(nanoseconds: Deadline.nowNanoseconds().addingClamped(timeout.clampedNanoseconds))
  }

  /// The time left; never negative.
  public var timeRemaining: Duration {
    let now = Deadline.nowNanoseconds()
    return .nanoseconds(Int64(clamping: nanoseconds > now ? nanoseconds - now : 0))
  }

  public static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The monotonic clock as of the system's last tick, some milliseconds ago at most, in nanoseconds. A fifth of the cost
  /// of the exact one.
  static func coarseNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }

  /// The monotonic clock, in nanoseconds.
  public static func nowNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}

extension Duration {
  /// Nanoseconds, at least 0 and at most what fits.
  var clampedNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : whole.addingClamped(UInt64(attoseconds) / 1_000_000_000)
  }
}

extension UInt64 {
  /// The sum, or the largest number where it does not fit.
  package func addingClamped(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
