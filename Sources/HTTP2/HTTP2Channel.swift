import NIOCore
import NIOPosix
import NIOSSL
import RPC

/// Calls a server over HTTP/2, with TLS or without. One connection, made when the first call needs it and again when it is
/// lost; after a failure to connect the next attempt waits, see `ConnectionBackoff`.
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
  private var reconnection: Reconnection

  public convenience init(host: String, port: Int, backoff: ConnectionBackoff = ConnectionBackoff()) {
    self.init(host: host, port: port, security: nil, backoff: backoff)
  }

  /// Throws what is wrong with the files that `tls` names.
  public convenience init(
    host: String,
    port: Int,
    tls: ClientTLS,
    backoff: ConnectionBackoff = ConnectionBackoff()
  ) throws {
    // An address is no server name, and the certificate is then compared with the address itself.
    let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
    let security = (try tls.makeContext(), tls.serverName ?? (isAddress ? nil : host))
    self.init(host: host, port: port, security: security, backoff: backoff)
  }

  private init(
    host: String,
    port: Int,
    security: (context: NIOSSLContext, serverName: String?)?,
    backoff: ConnectionBackoff
  ) {
    self.host = host
    self.port = port
    tls = security
    reconnection = Reconnection(backoff)
    loop = MultiThreadedEventLoopGroup.singleton.next()
    executor = LoopExecutor(loop)
  }

  deinit {
    let connection = connection
    loop.execute { connection?.close() }
  }

  /// Begins a call. UNAVAILABLE when there is no connection and none can be made, DEADLINE_EXCEEDED when that takes too
  /// long.
  public func open(_ method: MethodDescriptor, options: CallOptions) async throws -> any ClientStream {
    let ready = loop.makePromise(of: ClientConnection.self)
    return try await withTaskCancellationHandler {
      loop.execute { self.provide(ready, options) }
      return try await ready.futureResult.flatMapThrowing { connection in
        let stream = HTTP2ClientStream(executor: self.executor, method: method, options: options)
        try stream.start(on: connection)
        return stream
      }.get()
    } onCancel: {
      ready.fail(RPCError(.cancelled, "the call was cancelled"))
    }
  }

  /// Gives the call a connection, or the reason why there is none in time.
  private func provide(_ ready: EventLoopPromise<ClientConnection>, _ options: CallOptions) {
    if let remaining = options.deadline?.timeRemaining {
      let timer = loop.scheduleTask(in: TimeAmount(remaining)) {
        ready.fail(RPCError(.deadlineExceeded, "the deadline has passed before there was a connection"))
      }
      ready.futureResult.whenComplete { _ in timer.cancel() }
    }
    usableConnection(waits: options.waitsForReady).cascade(to: ready)
  }

  /// Closes the connection; calls that run fail with UNAVAILABLE, and so do later ones.
  public func close() async {
    try? await loop.submit {
      self.isClosed = true
      self.connection?.close()
      self.connection = nil
    }.get()
  }

  private func usableConnection(waits: Bool) -> EventLoopFuture<ClientConnection> {
    if isClosed { return loop.makeFailedFuture(RPCError(.unavailable, "the channel is closed")) }
    if let connection, connection.isUsable { return loop.makeSucceededFuture(connection) }
    let attempt = connecting ?? connect()
    guard waits else { return attempt }
    return attempt.flatMapError { error in
      if self.isClosed { return self.loop.makeFailedFuture(error) }
      let wait = self.reconnection.hold(now: .now())?.wait ?? .zero
      return self.loop.flatScheduleTask(in: wait) { self.usableConnection(waits: true) }.futureResult
    }
  }

  private func connect() -> EventLoopFuture<ClientConnection> {
    if let held = reconnection.hold(now: .now()) { return loop.makeFailedFuture(held.error) }
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
    let attempt = opened.futureResult.flatMapThrowing { (connection) -> ClientConnection in
      // The channel may have been closed meanwhile.
      guard !self.isClosed else {
        connection.close()
        throw RPCError(.unavailable, "the channel is closed")
      }
      return connection
    }.flatMapErrorThrowing { error in
      throw error as? RPCError ?? RPCError(.unavailable, "cannot connect to \(authority): \(error)")
    }
    connecting = attempt
    return attempt.always { result in
      self.connecting = nil
      switch result {
      case .success(let connection):
        self.connection = connection
        self.reconnection.succeeded()
      case .failure(let error):
        let reason = error as? RPCError ?? RPCError(.unavailable, "\(error)")
        self.reconnection.failed(reason, now: .now())
      }
    }
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
