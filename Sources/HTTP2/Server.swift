import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RPC

/// A gRPC server over HTTP/2 without TLS.
///
///     let server = Server(router: router)
///     let address = try await server.start(host: "127.0.0.1", port: 8080)
///     …
///     await server.shutdown(grace: .seconds(20))
public final class Server: Sendable {
  /// Where a server listens.
  public struct Address: Sendable, Hashable, CustomStringConvertible {
    public let host: String
    public let port: Int
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  }

  private let router: Router
  private let limits: Limits
  private let context: ServerContext
  private let group: MultiThreadedEventLoopGroup
  private let executors: [ObjectIdentifier: LoopExecutor]
  private let registry = ConnectionRegistry()
  private let gate: AcceptGate
  private let listeners = NIOLockedValueBox<[any NIOCore.Channel]>([])

  /// `eventLoops` is the number of threads; every connection stays on one. `responseCompression` is for all calls that do
  /// not say otherwise.
  public init(
    router: Router,
    limits: Limits = Limits(),
    logger: Logger = Logger(label: "millrace.http2"),
    responseCompression: Compression = .identity,
    eventLoops: Int = System.coreCount
  ) {
    self.router = router
    self.limits = limits
    context = ServerContext(
      logger: logger,
      maxRequestBytes: limits.maxRequestBytes,
      responseHighWaterBytes: limits.responseHighWaterBytes,
      maxRunningHandlers: limits.maxRunningHandlers,
      responseCompression: responseCompression,
      minCompressedResponseBytes: limits.minCompressedResponseBytes,
      incidentLogIntervalSeconds: limits.incidentLogIntervalSeconds
    )
    gate = AcceptGate(limits: limits, incidents: context.incidents)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: eventLoops)
    self.group = group
    var executors: [ObjectIdentifier: LoopExecutor] = [:]
    for loop in group.makeIterator() { executors[ObjectIdentifier(loop)] = LoopExecutor(loop) }
    self.executors = executors
  }

  /// The number of handlers that run now.
  public var runningHandlerCount: Int { context.runningHandlerCount }

  /// The number of open connections.
  public var connectionCount: Int { registry.count }

  /// Listens, and returns once it does. Port 0 takes a free port. Throws what the system says.
  @discardableResult
  public func start(host: String = "127.0.0.1", port: Int) async throws -> Address {
    let channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1_024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.maxMessagesPerRead, value: 1)  // the gate looks at every connection
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try self.gate.guardListener(channel) }
      }
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16 << 10))
      .childChannelInitializer { channel in self.accept(channel) }
      .bind(host: host, port: port).get()
    listeners.withLockedValue { $0.append(channel) }
    return Address(
      host: channel.localAddress?.ipAddress ?? host,
      port: channel.localAddress?.port ?? port
    )
  }

  private func accept(_ channel: any NIOCore.Channel) -> EventLoopFuture<Void> {
    guard let executor = executors[ObjectIdentifier(channel.eventLoop)] else { return channel.close() }
    return channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(
        ServerConnection(
          router: router,
          limits: limits,
          executor: executor,
          context: context,
          peer: channel.remoteAddress.map(Server.describe) ?? "unknown",
          registry: registry
        )
      )
    }
  }

  private static func describe(_ address: SocketAddress) -> String {
    guard let host = address.ipAddress, let port = address.port else { return address.pathname ?? "unknown" }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// Stops listening, lets the calls that run end, and ends what is left after `grace` with UNAVAILABLE.
  /// Returns when every connection is closed and every handler has had the chance to end.
  public func shutdown(grace: Duration = .seconds(20)) async {
    let listening = listeners.withLockedValue { listeners in
      defer { listeners = [] }
      return listeners
    }
    for listener in listening { try? await listener.close() }
    registry.forEach { $0.drain() }
    let deadline = Deadline(after: grace)
    while deadline.timeRemaining > .zero, registry.count > 0 {
      try? await Task.sleep(for: .milliseconds(5))
      if Task.isCancelled { break }
    }
    registry.forEach { $0.forceEnd() }
    try? await registry.whenEmpty(on: group.next()).get()
    // Handlers have been cancelled; one that does not listen is not waited for.
    let patience = Deadline(after: .seconds(1))
    while context.runningHandlerCount > 0, patience.timeRemaining > .zero {
      try? await Task.sleep(for: .milliseconds(1))
    }
    try? await group.shutdownGracefully()
  }
}
