/// Every limit of a channel, with its unit in its name.
public struct ClientLimits: Sendable, Hashable {
  /// Time to connect to an address: to the first SETTINGS of the server, TLS included.
  public var connectTimeoutSeconds = 20
  /// Time after which, while one address has not answered, the next is tried as well.
  public var connectStaggerMilliseconds = 250
  /// Time between two look-ups of a name.
  public var minResolutionIntervalSeconds = 30

  /// Time without a call after which a connection is closed; 0 is never.
  public var idleTimeoutSeconds = 1_800
  /// Time without a byte from the server, while calls run, after which it is asked by a PING whether it is there; 0 is
  /// never. Servers end connections that ask more often than they allow; gRPC's allow every 300 s unless told otherwise.
  public var keepaliveIntervalSeconds = 0
  /// The shortest such time: shorter ones are lengthened to this.
  public var minKeepaliveIntervalSeconds = 10
  /// Time for the server to answer that PING, or to send anything else, before the connection is closed.
  public var keepaliveTimeoutSeconds = 20
  /// Whether the server is asked also while no call runs.
  public var keepaliveWithoutCalls = false

  /// Bytes of a call's request that are kept for another attempt; a call that sends more is not made again.
  public var maxRetryBufferBytesPerCall = 1 << 20
  /// Bytes of requests that all calls of a channel may keep for other attempts.
  public var maxRetryBufferBytes = 16 << 20
  /// Bytes of a request's header fields: names, values, and 32 for each field. A call with more of them fails with
  /// RESOURCE_EXHAUSTED, and nothing of it is sent.
  public var maxRequestHeaderBytes = 64 << 10
  /// Bytes of a response's header fields, and of its trailers: names, values, and 32 for each field. More of them end the
  /// call with RESOURCE_EXHAUSTED.
  public var maxHeaderBytes = 16 << 10
  /// Request bytes that a call may have queued before `send` waits.
  public var requestHighWaterBytes = 64 << 10

  public init() {}
}
