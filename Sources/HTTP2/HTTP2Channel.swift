import Logging
import NIOCore
import NIOPosix
import NIOSSL
import RPC

/// Calls a server over HTTP/2, with TLS or without.
///
/// Connections are made when the first call needs one and again when they are lost; after a failure to connect the next
/// attempt waits, see `Backoff`. Calls that the server did not begin are made again elsewhere without anybody noticing;
/// what else is made again, and how calls spread over the addresses of a server, a `ServiceConfig` says.
public final class HTTP2Channel: RPC.Channel, Sendable {
  private let connector: Connector
  private let balancer: Balancer
  private let budget: RetryBudget
  private let serviceConfig: ServiceConfig

  /// A channel to one server.
  public convenience init(host: String, port: Int, backoff: Backoff = Backoff()) {
    let target = Target(host: host, port: port)
    let executor = HTTP2Channel.nextExecutor()
    let connector = Connector(target, security: nil, logger: HTTP2Channel.defaultLogger, executor: executor)
    self.init(connector, Resolver(target), ServiceConfig(), backoff)
  }

  /// Throws what is wrong with the files that `tls` names.
  public convenience init(host: String, port: Int, tls: ClientTLS, backoff: Backoff = Backoff()) throws {
    try self.init(Target(host: host, port: port), tls: tls, backoff: backoff)
  }

  /// Throws what is wrong with the files that `tls` names. Without `tls` nothing is encrypted.
  public convenience init(
    _ target: Target,
    tls: ClientTLS? = nil,
    serviceConfig: ServiceConfig = ServiceConfig(),
    backoff: Backoff = Backoff(),
    limits: ClientLimits = ClientLimits(),
    logger: Logger? = nil
  ) throws {
    let executor = HTTP2Channel.nextExecutor()
    let logger = logger ?? HTTP2Channel.defaultLogger
    let connector = try Connector(target, tls: tls, limits: limits, logger: logger, executor: executor)
    self.init(connector, Resolver(target), serviceConfig, backoff)
  }

  init(_ connector: Connector, _ resolver: Resolver, _ serviceConfig: ServiceConfig, _ backoff: Backoff) {
    self.connector = connector
    self.serviceConfig = serviceConfig
    balancer = Balancer(resolver: resolver, connector: connector, policy: serviceConfig.loadBalancing, backoff: backoff)
    budget = RetryBudget(throttle: serviceConfig.retryThrottle, limits: connector.limits)
  }

  private static let defaultLogger = Logger(label: "millrace.client")

  private static func nextExecutor() -> LoopExecutor { LoopExecutor(MultiThreadedEventLoopGroup.singleton.next()) }

  deinit {
    let balancer = balancer
    connector.executor.execute { balancer.close() }
  }

  /// Begins a call. It fails with UNAVAILABLE when there is no connection and none can be made, and with
  /// DEADLINE_EXCEEDED when that takes too long.
  public func open(_ method: MethodDescriptor, options: CallOptions) async throws -> any ClientStream {
    let options = options.withinHandledCall()
    let config = serviceConfig[method]
    let stream = HTTP2ClientStream(
      method,
      options: config.map { options.within($0) } ?? options,
      retryPolicy: config?.retryPolicy,
      balancer: balancer,
      budget: budget,
      connector: connector
    )
    connector.executor.execute { stream.start() }
    return stream
  }

  /// Closes the connections; calls that run fail with UNAVAILABLE, and so do later ones.
  public func close() async {
    let balancer = balancer
    try? await connector.executor.eventLoop.submit { balancer.close() }.get()
  }
}
