#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Times and durations as one number, nanoseconds, in which they compare whatever their two fields hold.
public enum RuleTime {
  /// Since 1970-01-01T00:00:00Z.
  public static func nanoseconds(_ time: GoogleProtobuf.Timestamp) -> Int128 {
    Int128(time.seconds) * 1_000_000_000 + Int128(time.nanos)
  }

  public static func nanoseconds(_ duration: GoogleProtobuf.Duration) -> Int128 {
    Int128(duration.seconds) * 1_000_000_000 + Int128(duration.nanos)
  }

  /// The wall clock, since 1970-01-01T00:00:00Z.
  public static func now() -> Int128 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int128(time.tv_sec) * 1_000_000_000 + Int128(time.tv_nsec)
  }

  /// Whether a time is not farther than this from the wall clock.
  public static func isNow(_ nanoseconds: Int128, within distance: Int128) -> Bool {
    let now = now()
    return now - distance <= nanoseconds && nanoseconds <= now + distance
  }
}
