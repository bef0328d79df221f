import Logging
import NIOCore
import NIOPosix
import NIOSSL
import RPC

/// Makes the connections of a channel.
struct Connector: Sendable {
  let executor: LoopExecutor
  let target: Target
  let tls: (context: NIOSSLContext, serverName: String?)?
  let limits: ClientLimits
  private let pace: KeepalivePace

  /// Throws what is wrong with the files that `tls` names.
  init(
    _ target: Target,
    tls: ClientTLS?,
    limits: ClientLimits = ClientLimits(),
    logger: Logger,
    executor: LoopExecutor
  ) throws {
    let security = try tls.map { (try $0.makeContext(), $0.serverName ?? target.serverName) }
    self.init(target, security: security, limits: limits, logger: logger, executor: executor)
  }

  init(
    _ target: Target,
    security: (context: NIOSSLContext, serverName: String?)?,
    limits: ClientLimits = ClientLimits(),
    logger: Logger,
    executor: LoopExecutor
  ) {
    self.target = target
    self.limits = limits
    self.executor = executor
    tls = security
    pace = KeepalivePace(limits, logger: logger)
  }

  /// A connection on which the server has said its SETTINGS, so that it is one that speaks HTTP/2. On the loop.
  func connect(to address: SocketAddress) -> EventLoopFuture<ClientConnection> {
    let loop = executor.eventLoop
    let opened = loop.makePromise(of: ClientConnection.self)
    let timeout = TimeAmount.seconds(Int64(limits.connectTimeoutSeconds))
    let timer = loop.scheduleTask(in: timeout) { opened.fail(ChannelError.connectTimeout(timeout)) }
    opened.futureResult.whenComplete { _ in timer.cancel() }
    let bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(timeout)
      .channelInitializer { channel in
        opened.futureResult.whenFailure { _ in channel.close(promise: nil) }
        return channel.eventLoop.makeCompletedFuture { try prepare(channel, address, opened) }
      }
    let connected =
      address.port == nil
      ? bootstrap.connect(to: address)
      : bootstrap.channelOption(.socketOption(.tcp_nodelay), value: 1).connect(to: address)
    connected.whenFailure { opened.fail($0) }
    return opened.futureResult.flatMapErrorThrowing { error in
      throw error as? RPCError
        ?? RPCError(.unavailable, "cannot connect to \(target.authority(at: address)): \(FailureText.describe(error))")
    }
  }

  /// Puts the handlers of a new connection in place; `opened` hears when calls can be made on it.
  private func prepare(
    _ channel: any NIOCore.Channel,
    _ address: SocketAddress,
    _ opened: EventLoopPromise<ClientConnection>
  ) throws {
    let connection = ClientConnection(
      executor: executor,
      authority: target.authority(at: address),
      isSecure: tls != nil,
      limits: limits,
      pace: pace,
      opened: opened
    )
    guard let tls else {
      try channel.pipeline.syncOperations.addHandler(connection)
      return
    }
    try channel.pipeline.syncOperations.addHandlers(
      NIOSSLClientHandler(context: tls.context, serverHostname: tls.serverName),
      TLSGate(timeoutSeconds: limits.connectTimeoutSeconds) { context in
        try context.pipeline.syncOperations.addHandler(connection)
      } refuse: { error in
        opened.fail(error)
      }
    )
  }
}
