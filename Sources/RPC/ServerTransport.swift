import Logging
import Synchronization

/// What a call needs of its transport. All of it happens on the call's loop.
public protocol ServerTransport: AnyObject {
  /// The number of response bytes that wait to be sent.
  var queuedBytes: Int { get }
  /// Sends response headers. Comes at most once, and before `finish` unless the response is trailers only.
  func sendHeaders(_ metadata: Metadata?, compression: Compression)
  /// Queues a message, without its prefix. Comes before `sendHeaders` for a single response.
  func enqueue(_ message: UnsafeRawBufferPointer, isCompressed: Bool)
  /// Ends the response. A nil error is OK. When headers have not been sent the response is trailers only, and
  /// messages that were queued are dropped. When the request has not ended the transport stops it.
  func finish(_ error: RPCError?, trailers: Metadata?, requestEnded: Bool)
  /// The handler has taken this many bytes of the request's body: the peer may send as many.
  func consume(_ byteCount: Int)
}

/// What all calls of a server share.
public final class ServerContext: Sendable {
  public let logger: Logger
  /// Where misconduct of peers is logged.
  public let incidents: IncidentLog
  /// The largest request message, in bytes.
  public let maxRequestBytes: Int
  /// Response bytes that a call may have queued before `send` waits.
  public let responseHighWaterBytes: Int
  /// Handlers that may run at a time.
  public let maxRunningHandlers: Int
  /// How responses are packed for clients that take it, unless a call says otherwise.
  public let responseCompression: Compression
  /// Responses smaller than this are sent as they are, in bytes.
  public let minCompressedResponseBytes: Int
  private let runningHandlers = Atomic<Int>(0)

  public init(
    logger: Logger = Logger(label: "millrace.rpc"),
    maxRequestBytes: Int = 4 << 20,
    responseHighWaterBytes: Int = 64 << 10,
    maxRunningHandlers: Int = 10_000,
    responseCompression: Compression = .identity,
    minCompressedResponseBytes: Int = 512,
    incidentLogIntervalSeconds: Int = 1
  ) {
    self.logger = logger
    incidents = IncidentLog(logger: logger, intervalSeconds: incidentLogIntervalSeconds)
    self.maxRequestBytes = maxRequestBytes
    self.responseHighWaterBytes = responseHighWaterBytes
    self.maxRunningHandlers = maxRunningHandlers
    self.responseCompression = responseCompression
    self.minCompressedResponseBytes = minCompressedResponseBytes
  }

  /// The number of handlers that run now.
  public var runningHandlerCount: Int { runningHandlers.load(ordering: .relaxed) }

  func enterHandler() -> Bool {
    guard runningHandlers.wrappingAdd(1, ordering: .relaxed).newValue <= maxRunningHandlers else {
      runningHandlers.wrappingSubtract(1, ordering: .relaxed)
      return false
    }
    return true
  }

  func leaveHandler() { runningHandlers.wrappingSubtract(1, ordering: .relaxed) }
}

/// What all calls of a connection share.
public final class ConnectionInfo: Sendable {
  public let context: ServerContext
  public let peer: Peer
  /// Random; call ids begin here.
  let id = UInt64.random(in: .min ... .max)

  public init(context: ServerContext, peer: Peer) {
    self.context = context
    self.peer = peer
  }
}
