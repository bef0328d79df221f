import Glibc
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import RPC

/// A gRPC server over HTTP/2, with TLS or without.
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
  private let crossOrigin: CrossOrigin
  private let context: ServerContext
  private let group: MultiThreadedEventLoopGroup
  private let loops: [ObjectIdentifier: (executor: LoopExecutor, streamPool: StreamPool)]
  private let registry = ConnectionRegistry()
  private let budget: BufferBudget
  private let gate: AcceptGate
  private let certificates = NIOLockedValueBox<[ServerCertificates]>([])
  private let listeners = NIOLockedValueBox<[any NIOCore.Channel]>([])

  /// `eventLoops` is the number of threads, without it one for each processor that the process may use; every connection
  /// stays on one. `responseCompression` is for all calls that do not say otherwise.
  public init(
    router: Router,
    limits: Limits = Limits(),
    logger: Logger = Logger(label: "millrace.http2"),
    responseCompression: Compression = .identity,
    crossOrigin: CrossOrigin = CrossOrigin(),
    eventLoops: Int? = nil
  ) {
    self.router = router
    self.limits = limits
    self.crossOrigin = crossOrigin
    context = ServerContext(
      logger: logger,
      maxRequestBytes: limits.maxRequestBytes,
      responseHighWaterBytes: limits.responseHighWaterBytes,
      maxRunningHandlers: limits.maxRunningHandlers,
      maxRunningCostlyHandlers: limits.maxRunningCostlyHandlers,
      maxStreamsPerAddress: limits.maxStreamsPerAddress,
      maxUnauthenticatedStreamsPerAddress: limits.maxUnauthenticatedStreamsPerAddress,
      responseCompression: responseCompression,
      minCompressedResponseBytes: limits.minCompressedResponseBytes,
      incidentLogIntervalSeconds: limits.incidentLogIntervalSeconds
    )
    budget = BufferBudget(limit: limits.maxBufferedBytes, connections: registry)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: eventLoops ?? ProcessorCount.usable)
    self.group = group
    gate = AcceptGate(limits: limits, incidents: context.incidents, loop: group.next())
    var loops: [ObjectIdentifier: (executor: LoopExecutor, streamPool: StreamPool)] = [:]
    for loop in group.makeIterator() {
      let executor = LoopExecutor(loop, handlerTurnMilliseconds: limits.handlerTurnMilliseconds)
      loops[ObjectIdentifier(loop)] = (executor, StreamPool())
    }
    self.loops = loops
  }

  /// The number of handlers that run now.
  public var runningHandlerCount: Int { context.runningHandlerCount }

  /// The number of open connections.
  public var connectionCount: Int { registry.count }

  /// Listens, and returns once it does. Port 0 takes a free port. A server may listen in several places.
  ///
  /// - Throws: `StartError`, which says why it cannot listen there, or what is wrong with the files that `tls` names.
  @discardableResult
  public func start(host: String = "127.0.0.1", port: Int, tls: ServerTLS? = nil) async throws -> Address {
    let bootstrap = bootstrap(try tls.map(certificates))
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
    let channel: any NIOCore.Channel
    do {
      channel = try await bootstrap.bind(host: host, port: port).get()
    } catch {
      throw StartError(listeningOn: "\(Address(host: host, port: port))", error)
    }
    listeners.withLockedValue { $0.append(channel) }
    return Address(
      host: channel.localAddress?.ipAddress ?? host,
      port: channel.localAddress?.port ?? port
    )
  }

  /// Listens on a Unix domain socket. A socket file that is left of a server that is gone is replaced.
  ///
  /// - Throws: `StartError`, which says why it cannot listen there, or what is wrong with the files that `tls` names.
  public func start(unixSocket path: String, tls: ServerTLS? = nil) async throws {
    let bootstrap = bootstrap(try tls.map(certificates))
    let channel: any NIOCore.Channel
    do {
      channel = try await bind(bootstrap, path)
    } catch {
      throw StartError(listeningOn: "unix:\(path)", error)
    }
    listeners.withLockedValue { $0.append(channel) }
    channel.closeFuture.whenComplete { _ in unlink(path) }
  }

  private func bind(_ bootstrap: ServerBootstrap, _ path: String) async throws -> any NIOCore.Channel {
    do {
      return try await bootstrap.bind(unixDomainSocketPath: path).get()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      // Whether somebody still listens there, only a connection tells.
      if let other = try? await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get() {
        try? await other.close()
        throw error
      }
      return try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
    }
  }

  /// Reads certificate files that have changed. This happens by itself every `Limits.certificateCheckSeconds`.
  public func reloadCertificates() {
    for certificates in certificates.withLockedValue({ $0 }) { certificates.refresh() }
  }

  private func certificates(_ tls: ServerTLS) throws -> ServerCertificates {
    let loaded = try ServerCertificates(tls, logger: context.logger)
    certificates.withLockedValue { $0.append(loaded) }
    if limits.certificateCheckSeconds > 0 {
      let interval = TimeAmount.seconds(Int64(limits.certificateCheckSeconds))
      group.next().scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak loaded] task in
        guard let loaded else { return task.cancel() }
        loaded.refresh()
      }
    }
    return loaded
  }

  private func bootstrap(_ certificates: ServerCertificates?) -> ServerBootstrap {
    ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1_024)
      .serverChannelOption(.maxMessagesPerRead, value: 1)  // the gate looks at every connection
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try self.gate.guardListener(channel) }
      }
      .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16 << 10))
      .childChannelInitializer { channel in self.accept(channel, certificates) }
  }

  private func accept(_ channel: any NIOCore.Channel, _ certificates: ServerCertificates?) -> EventLoopFuture<Void> {
    let address = channel.remoteAddress.map(Server.describe) ?? "unknown"
    let origin = channel.remoteAddress.flatMap(Server.origin)
    return channel.eventLoop.makeCompletedFuture {
      guard let certificates else {
        return try self.serve(channel, Peer(address: address, origin: origin))
      }
      let tls = NIOSSLServerHandler(context: certificates.context)
      try channel.pipeline.syncOperations.addHandlers(
        tls,
        TLSGate(timeoutSeconds: limits.handshakeTimeoutSeconds) { context in
          let certificate = tls.peerCertificate.flatMap(Peer.Certificate.init)
          try self.serve(context.channel, Peer(address: address, origin: origin, certificate: certificate))
        } refuse: { error in
          self.context.incidents.report("connection refused", peer: address, metadata: ["error": "\(error)"])
        }
      )
    }
  }

  /// The channel speaks HTTP/2 from here on.
  private func serve(_ channel: any NIOCore.Channel, _ peer: Peer) throws {
    guard let loop = loops[ObjectIdentifier(channel.eventLoop)] else { throw ChannelError.eof }
    context.logger.debug("connection", metadata: ["peer": "\(peer)"])
    let connection = ServerConnection(
      router: router,
      limits: limits,
      executor: loop.executor,
      streamPool: loop.streamPool,
      context: context,
      crossOrigin: crossOrigin,
      peer: peer,
      registry: registry,
      budget: budget
    )
    connection.idle = gate.take(channel) { loop.executor.execute { connection.giveUp() } }
    try channel.pipeline.syncOperations.addHandler(connection)
  }

  /// Whose limits an address shares. A host has 64 bits of IPv6 addresses to choose from.
  private static func origin(_ address: SocketAddress) -> String? {
    guard case .v6(let v6) = address else { return address.ipAddress ?? "unix" }
    let bytes = withUnsafeBytes(of: v6.address.sin6_addr) { Array($0) }
    let isMapped = bytes[..<12].elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
    return isMapped
      ? bytes[12...].map { "\($0)" }.joined(separator: ".")
      : bytes[..<8].map { String($0, radix: 16) }.joined(separator: ":")
  }

  private static func describe(_ address: SocketAddress) -> String {
    guard let host = address.ipAddress, let port = address.port else { return "unix:\(address.pathname ?? "")" }
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
