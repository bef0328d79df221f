/// Every limit of a client's connection, with its unit in its name.
public struct ClientLimits: Sendable, Hashable {
  /// Time to connect, after which the calls that wait fail as UNAVAILABLE.
  public var connectTimeoutSeconds = 10
  /// The pause after a failed connection before the next attempt; it doubles with each failure.
  public var minBackoffMilliseconds = 50
  /// The longest such pause.
  public var maxBackoffMilliseconds = 5_000
  /// Bytes that the server may send on a stream before they are read.
  public var streamWindowBytes = 256 << 10
  /// Bytes that the server may send on all streams before they are read.
  public var connectionWindowBytes = 4 << 20
  /// Request bytes that a call may have queued before `send` waits.
  public var requestHighWaterBytes = 64 << 10
  /// Bytes of a response's header fields, and of its trailers: names, values, and 32 for each field.
  public var maxHeaderBytes = 64 << 10

  public init() {}
}
