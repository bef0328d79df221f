import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RPC

/// Calls to one server over HTTP/2 without TLS.
///
/// Connects at the first call, keeps one connection for all calls, and connects again, after a pause that grows with each
/// failure, when it was lost. Calls that ran on a lost connection fail as UNAVAILABLE.
public final class HTTP2Channel: RPC.Channel {
  private struct State {
    /// The connection, or the attempt at it.
    var connection: EventLoopFuture<ClientConnection>?
    /// Tells a connection that is lost from the one that has replaced it.
    var generation = 0
    var failureCount = 0
    var isClosed = false
  }

  private let host: String
  private let port: Int
  private let limits: ClientLimits
  private let group: any EventLoopGroup
  private let state = NIOLockedValueBox(State())

  public init(
    host: String, port: Int, limits: ClientLimits = ClientLimits(),
    eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) {
    self.host = host
    self.port = port
    self.limits = limits
    group = eventLoopGroup
  }

  public func open(_ method: MethodDescriptor, options: CallOptions) async throws -> any ClientStream {
    let connection = try await connection().get()
    let call = ClientStreamCall(connection, method, options)
    connection.eventLoop.execute { connection.start(call) }
    return call
  }

  /// Ends the connection; calls that run fail, and no further ones begin.
  public func close() {
    let connection = state.withLockedValue { state in
      state.isClosed = true
      return state.connection
    }
    connection?.whenSuccess { connection in connection.eventLoop.execute { connection.close() } }
  }

  private func connection() throws -> EventLoopFuture<ClientConnection> {
    try state.withLockedValue { state in
      guard !state.isClosed else { throw RPCError.unavailable("the channel is closed") }
      if let connection = state.connection { return connection }
      state.generation += 1
      let connection = connect(generation: state.generation, failureCount: state.failureCount)
      state.connection = connection
      return connection
    }
  }

  private func connect(generation: Int, failureCount: Int) -> EventLoopFuture<ClientConnection> {
    let loop = group.next()
    let authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    let attempt = { @Sendable () -> EventLoopFuture<ClientConnection> in
      let connection = ClientConnection(eventLoop: loop, limits: self.limits, authority: authority) {
        self.lost(generation)
      }
      return ClientBootstrap(group: loop)
        .connectTimeout(.seconds(Int64(self.limits.connectTimeoutSeconds)))
        .channelOption(.socketOption(.tcp_nodelay), value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(connection) }
        }
        .connect(host: self.host, port: self.port)
        .map { _ in connection }
    }
    let connected =
      failureCount == 0 ? attempt() : loop.scheduleTask(in: backoff(failureCount)) {}.futureResult.flatMap(attempt)
    connected.whenSuccess { _ in self.state.withLockedValue { $0.failureCount = 0 } }
    return connected.flatMapErrorThrowing { error in
      self.state.withLockedValue { $0.failureCount += 1 }
      self.lost(generation)
      throw RPCError.unavailable("\(authority) cannot be reached: \(error)")
    }
  }

  private func backoff(_ failureCount: Int) -> TimeAmount {
    let doubled = limits.minBackoffMilliseconds << min(failureCount - 1, 16)
    return .milliseconds(Int64(min(doubled, limits.maxBackoffMilliseconds)))
  }

  private func lost(_ generation: Int) {
    state.withLockedValue { state in
      if state.generation == generation { state.connection = nil }
    }
  }
}
