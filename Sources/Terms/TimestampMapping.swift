import Protobuf
import RPC
import Store

extension Timestamp {
  /// The moment in a request at which something ends, at most `days` days after `start`.
  ///
  /// - Throws: INVALID_ARGUMENT naming `field` when it is no moment of the years 1 to 9999, or too late.
  public static func end(
    _ message: GoogleProtobuf.Timestamp, field: String, within days: Int, of start: Timestamp
  ) throws(RPCError) -> Timestamp {
    // The range of google.protobuf.Timestamp.
    guard (-62_135_596_800...253_402_300_799).contains(message.seconds), (0...999_999_999).contains(message.nanos)
    else {
      throw .invalidArgument(field: field, "must be a moment of the years 1 to 9999")
    }
    let end = Timestamp(message)
    guard end.microseconds <= start.microseconds + Int64(days) * 86_400_000_000 else {
      throw .invalidArgument(field: field, "must be at most \(days) days ahead")
    }
    return end
  }

  /// The moment in a message, cut to microseconds; the epoch where there is none.
  public init(_ message: GoogleProtobuf.Timestamp?) {
    let (scaled, overflow) = (message?.seconds ?? 0).multipliedReportingOverflow(by: 1_000_000)
    let fraction = Int64(message?.nanos ?? 0) / 1_000
    self.init(microseconds: overflow ? ((message?.seconds ?? 0) < 0 ? .min : .max) : scaled &+ fraction)
  }

  /// The moment as contracts have it.
  public var message: GoogleProtobuf.Timestamp {
    GoogleProtobuf.Timestamp(seconds: seconds, nanos: nanoseconds)
  }
}
