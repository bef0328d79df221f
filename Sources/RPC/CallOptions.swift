/// What a caller may say about one call.
public struct CallOptions: Sendable {
  /// The point in time at which the call fails with DEADLINE_EXCEEDED; it travels as `grpc-timeout`.
  public var deadline: Deadline?
  /// Whether a call that a server's handler makes ends no later than the call that it handles. The handler's tasks, and
  /// with them the calls they wait for, are cancelled with it in any case.
  public var inheritsDeadline: Bool
  /// Metadata that travels with the request.
  public var metadata: Metadata
  /// The largest request message to send, in bytes, before it is packed; a larger one gets RESOURCE_EXHAUSTED.
  public var maxRequestBytes: Int
  /// The largest response message to accept, in bytes.
  public var maxResponseBytes: Int
  /// Whether the call waits, as long as its deadline lets it, for a connection that cannot be made at the moment. Otherwise
  /// it fails with UNAVAILABLE at once. Nil leaves it to the channel's `ServiceConfig`, and else it does not wait.
  public var waitsForReady: Bool?
  /// How request messages are packed. The server must know the encoding, or the call fails with UNIMPLEMENTED.
  public var compression: Compression

  public init(
    deadline: Deadline? = nil,
    metadata: Metadata = Metadata(),
    maxRequestBytes: Int = .max,
    maxResponseBytes: Int = 4 << 20,
    compression: Compression = .identity,
    waitsForReady: Bool? = nil,
    inheritsDeadline: Bool = true
  ) {
    self.deadline = deadline
    self.metadata = metadata
    self.maxRequestBytes = maxRequestBytes
    self.maxResponseBytes = maxResponseBytes
    self.compression = compression
    self.waitsForReady = waitsForReady
    self.inheritsDeadline = inheritsDeadline
  }

  /// Options with a deadline that lies `timeout` from now.
  public init(timeout: Duration, metadata: Metadata = Metadata()) {
    self.init(deadline: Deadline(after: timeout), metadata: metadata)
  }
}

extension CallOptions {
  /// These options within the deadline of the call that is handled where this is asked. For channels, when they begin a call.
  public func withinHandledCall() -> CallOptions {
    guard inheritsDeadline, let latest = Deadline.ofHandledCall else { return self }
    var options = self
    options.deadline = deadline.map { min($0, latest) } ?? latest
    return options
  }
}
