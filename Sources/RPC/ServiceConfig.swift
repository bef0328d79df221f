/// How a server wants to be called, in gRPC's service config: retries, timeouts, limits, the balance between its addresses.
public struct ServiceConfig: Sendable, Hashable {
  /// Which of the addresses of a server calls go to.
  public enum LoadBalancing: Sendable, Hashable {
    /// All to the first that can be reached.
    case pickFirst
    /// To one after another, of all that can be reached.
    case roundRobin
  }

  /// What holds for the calls of a method.
  public struct Method: Sendable, Hashable {
    /// The longest that a call may take; the caller's deadline may be sooner.
    public var timeout: Duration?
    /// Whether calls wait for a connection, where the caller does not say.
    public var waitsForReady: Bool?
    public var retryPolicy: RetryPolicy?
    /// The largest request message to send, in bytes.
    public var maxRequestBytes: Int?
    /// The largest response message to accept, in bytes; the caller's limit may be lower.
    public var maxResponseBytes: Int?

    public init() {}
  }

  public var loadBalancing = LoadBalancing.pickFirst
  /// The budget for retries of a channel; without one all are made.
  public var retryThrottle: RetryThrottle?
  /// By path: `/service/method`, `/service/` for the others of a service, and `` for all others.
  private var methods: [String: Method] = [:]

  /// Nothing special.
  public init() {}

  /// Says what holds for a method; without `method`, for all others of the service; without both, for all others.
  public mutating func set(_ config: Method, service: String = "", method: String = "") {
    methods[ServiceConfig.key(service, method)] = config
  }

  /// What holds for calls of a method.
  public subscript(_ method: MethodDescriptor) -> Method? {
    if methods.isEmpty { return nil }
    return methods[method.path] ?? methods[ServiceConfig.key(method.service, "")] ?? methods[""]
  }

  func hasMethod(service: String, method: String) -> Bool { methods[ServiceConfig.key(service, method)] != nil }

  private static func key(_ service: String, _ method: String) -> String {
    service.isEmpty ? "" : "/\(service)/\(method)"
  }
}

extension CallOptions {
  /// These options within what the service config allows.
  public func within(_ config: ServiceConfig.Method) -> CallOptions {
    var options = self
    if let timeout = config.timeout {
      let latest = Deadline(after: timeout)
      options.deadline = deadline.map { min($0, latest) } ?? latest
    }
    options.waitsForReady = waitsForReady ?? config.waitsForReady
    if let limit = config.maxRequestBytes { options.maxRequestBytes = min(maxRequestBytes, limit) }
    if let limit = config.maxResponseBytes { options.maxResponseBytes = min(maxResponseBytes, limit) }
    return options
  }
}
