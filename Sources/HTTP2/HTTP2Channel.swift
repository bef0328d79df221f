import NIOCore
import NIOPosix
import RPC

/// Calls a server over HTTP/2 without TLS. One connection, made when the first call needs it and again when it is lost.
public final class HTTP2Channel: RPC.Channel, @unchecked Sendable {
  private let host: String
  private let port: Int
  private let loop: any EventLoop
  private let executor: LoopExecutor
  /// Only touched on the loop.
  private var connection: ClientConnection?
  private var connecting: EventLoopFuture<ClientConnection>?
  private var isClosed = false

  public init(host: String, port: Int) {
    self.host = host
    self.port = port
    loop = MultiThreadedEventLoopGroup.singleton.next()
    executor = LoopExecutor(loop)
  }

  deinit {
    let connection = connection
    loop.execute { connection?.close() }
  }

  /// Begins a call; UNAVAILABLE when there is no connection and none can be made.
  public func open(_ method: MethodDescriptor, options: CallOptions) async throws -> any ClientStream {
    try await loop.flatSubmit { self.usableConnection() }
      .flatMapThrowing { connection in
        let stream = HTTP2ClientStream(executor: self.executor, method: method, options: options)
        try stream.start(on: connection)
        return stream
      }.get()
  }

  /// Closes the connection; calls that run fail with UNAVAILABLE, and so do later ones.
  public func close() async {
    try? await loop.submit {
      self.isClosed = true
      self.connection?.close()
      self.connection = nil
    }.get()
  }

  private func usableConnection() -> EventLoopFuture<ClientConnection> {
    if isClosed { return loop.makeFailedFuture(RPCError(.unavailable, "the channel is closed")) }
    if let connection, connection.isUsable { return loop.makeSucceededFuture(connection) }
    if let connecting { return connecting }
    let executor = executor
    let authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    let address = authority
    let attempt = ClientBootstrap(group: loop)
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
      .connectTimeout(.seconds(10))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(ClientConnection(executor: executor, authority: authority))
        }
      }
      .connect(host: host, port: port)
      .flatMapThrowing { channel in try channel.pipeline.syncOperations.handler(type: ClientConnection.self) }
      .flatMapErrorThrowing { _ in throw RPCError(.unavailable, "cannot connect to \(address)") }
    connecting = attempt
    attempt.whenComplete { result in
      self.connecting = nil
      if case .success(let connection) = result { self.connection = connection }
    }
    return attempt
  }
}
