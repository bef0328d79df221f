import NIOCore
import NIOPosix
import NIOSSL
import RPC

/// Calls a server over HTTP/2, with TLS or without. One connection, made when the first call needs it and again when it is lost.
public final class HTTP2Channel: RPC.Channel, @unchecked Sendable {
  private let host: String
  private let port: Int
  private let loop: any EventLoop
  private let executor: LoopExecutor
  private let tls: (context: NIOSSLContext, serverName: String?)?
  /// Only touched on the loop.
  private var connection: ClientConnection?
  private var connecting: EventLoopFuture<ClientConnection>?
  private var isClosed = false

  public convenience init(host: String, port: Int) { self.init(host: host, port: port, tls: nil) }

  /// Throws what is wrong with the files that `tls` names.
  public convenience init(host: String, port: Int, tls: ClientTLS) throws {
    // An address is no server name, and the certificate is then compared with the address itself.
    let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
    self.init(host: host, port: port, tls: (try tls.makeContext(), tls.serverName ?? (isAddress ? nil : host)))
  }

  private init(host: String, port: Int, tls: (context: NIOSSLContext, serverName: String?)?) {
    self.host = host
    self.port = port
    self.tls = tls
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
    let authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    let opened = loop.makePromise(of: ClientConnection.self)
    ClientBootstrap(group: loop)
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
      .connectTimeout(.seconds(10))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try self.prepare(channel, authority, opened) }
      }
      .connect(host: host, port: port)
      .whenFailure { opened.fail($0) }
    let attempt = opened.futureResult.flatMapErrorThrowing { error in
      throw RPCError(.unavailable, "cannot connect to \(authority): \(error)")
    }
    connecting = attempt
    attempt.whenComplete { result in
      self.connecting = nil
      if case .success(let connection) = result { self.connection = connection }
    }
    return attempt
  }

  /// Puts the handlers of a new connection in place; `opened` hears when calls can be made on it.
  private func prepare(
    _ channel: any NIOCore.Channel,
    _ authority: String,
    _ opened: EventLoopPromise<ClientConnection>
  ) throws {
    let connection = ClientConnection(executor: executor, authority: authority, isSecure: tls != nil)
    guard let tls else {
      try channel.pipeline.syncOperations.addHandler(connection)
      connection.whenActive = { opened.succeed(connection) }
      return
    }
    try channel.pipeline.syncOperations.addHandlers(
      NIOSSLClientHandler(context: tls.context, serverHostname: tls.serverName),
      TLSGate(timeoutSeconds: 10) { context in
        connection.whenActive = { opened.succeed(connection) }
        try context.pipeline.syncOperations.addHandler(connection)
      } refuse: { error in
        opened.fail(error)
      }
    )
  }
}
