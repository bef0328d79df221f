import Protobuf
import Store

extension Timestamp {
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
