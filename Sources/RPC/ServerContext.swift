import Logging
import Synchronization

/// Holds the settings and counts that all calls of a server share.
public final class ServerContext: Sendable {
  public let logger: Logger
  /// Where misconduct of peers is logged.
  public let incidents: IncidentLog
  /// The largest request message, in bytes.
  public let maxRequestBytes: Int
  /// Response bytes that a call may have queued before `send` waits.
  public let responseHighWaterBytes: Int
  /// Handlers that may run at a time. One that waits for its client, or whose response is parked, does not run.
  public let maxRunningHandlers: Int
  /// How responses are packed for clients that take it, unless a call says otherwise.
  public let responseCompression: Compression
  /// Responses smaller than this are sent as they are, in bytes.
  public let minCompressedResponseBytes: Int
  /// Runs the handlers of costly methods.
  let costlyHandlers: CostlyHandlers
  let openStreams: StreamCensus
  private let runningHandlers = Atomic<Int>(0)

  public init(
    logger: Logger = Logger(label: "millrace.rpc"),
    maxRequestBytes: Int = 4 << 20,
    responseHighWaterBytes: Int = 64 << 10,
    maxRunningHandlers: Int = 10_000,
    maxRunningCostlyHandlers: Int = 2,
    maxStreamsPerAddress: Int = .max,
    maxUnauthenticatedStreamsPerAddress: Int = .max,
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
    costlyHandlers = CostlyHandlers(maxRunning: maxRunningCostlyHandlers)
    openStreams = StreamCensus(
      maxStreams: maxStreamsPerAddress, maxUnauthenticatedStreams: maxUnauthenticatedStreamsPerAddress)
  }

  /// The number of handlers that run now.
  public var runningHandlerCount: Int { runningHandlers.load(ordering: .relaxed) }

  /// Counts a handler that starts. False, and not counted, when as many run as may.
  func enterHandler() -> Bool {
    guard runningHandlers.wrappingAdd(1, ordering: .relaxed).newValue <= maxRunningHandlers else {
      leaveHandler()
      return false
    }
    return true
  }

  /// Counts a handler that goes on, or one that always may run.
  func reenterHandler() { runningHandlers.wrappingAdd(1, ordering: .relaxed) }

  func leaveHandler() { runningHandlers.wrappingSubtract(1, ordering: .relaxed) }
}

/// Holds the peer and the counts that all calls of a connection share.
public final class ConnectionInfo: Sendable {
  public let context: ServerContext
  public let peer: Peer
  /// Random; call ids begin here.
  let id = UInt64.random(in: .min ... .max)
  /// The connection's calls whose handlers are ready to run. Belongs to the connection's loop.
  package let lane = HandlerLane()
  /// Those that wait for a place among the costly handlers. Belongs to `CostlyHandlers`.
  let costlyLane = HandlerLane()
  /// The streams that the peer's address holds open.
  let openStreams: StreamCensus.Entry

  public init(context: ServerContext, peer: Peer) {
    self.context = context
    self.peer = peer
    openStreams = context.openStreams.enter(peer.origin)
  }

  deinit { context.openStreams.leave(peer.origin) }
}
