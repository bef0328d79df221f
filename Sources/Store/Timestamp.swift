import Glibc

/// A moment of the wall clock, in microseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Sendable, Hashable, Comparable, Bindable, ColumnValue {
  public var microseconds: Int64

  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// The wall clock's time.
  public static func now() -> Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  /// Whole seconds since 1970, rounded down.
  public var seconds: Int64 { microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000 }
  /// Nanoseconds past `seconds`, 0 to 999,999,999.
  public var nanoseconds: Int32 { Int32((microseconds - seconds * 1_000_000) * 1_000) }

  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

  @inlinable public var sqlValue: SQLValue { .integer(microseconds) }
  public static func read(_ row: borrowing Row, _ index: Int) throws(SQLError) -> Timestamp {
    Timestamp(microseconds: try row.integer(index))
  }
}
