import Protobuf

/// Who may call a method. A method whose access is unspecified cannot be registered.
public enum Access: Sendable, Hashable {
  case unspecified
  /// Open to everybody, authenticated or not.
  case `public`
  /// Open to a principal that holds this permission.
  case permission(String)
}

/// How many messages go which way.
public enum MethodKind: Sendable, Hashable {
  case unary
  case clientStreaming
  case serverStreaming
  case bidirectional

  /// Whether the client sends exactly one message.
  public var hasSingleRequest: Bool { self == .unary || self == .serverStreaming }
  /// Whether the server sends exactly one message.
  public var hasSingleResponse: Bool { self == .unary || self == .clientStreaming }
}

/// What a contract says about repeating a call.
public enum Idempotency: Sendable, Hashable {
  case unspecified
  case noSideEffects
  case idempotent
}

/// How a server runs the handlers of a method.
public enum Execution: Sendable, Hashable {
  /// On the loop of the call's connection. For handlers that compute for less than a millisecond.
  case onLoop
  /// On a pool of threads, so that other calls of the loop do not wait meanwhile. The server's limit says how many run at a time,
  /// and connections take turns. For methods with one request and one response;
  /// others run on the loop.
  case costly
  /// On the loop, and however many handlers run already. For calls by which others find out whether the server serves.
  case vital
}

/// A method of a service, as its contract declares it.
public struct MethodDescriptor: Sendable, Hashable {
  /// The full name of the service, such as `millrace.financing.v1.FinancingService`.
  public let service: String
  /// The method's name, such as `CreateApplication`.
  public let name: String
  /// `/service/name`, the one path that routing and access rules know.
  public let path: String
  public let kind: MethodKind
  public let access: Access
  public let idempotency: Idempotency
  public let execution: Execution

  public init(
    service: String,
    name: String,
    kind: MethodKind,
    access: Access,
    idempotency: Idempotency = .unspecified,
    execution: Execution = .onLoop
  ) {
    self.service = service
    self.name = name
    self.path = "/\(service)/\(name)"
    self.kind = kind
    self.access = access
    self.idempotency = idempotency
    self.execution = execution
  }
}

/// A service, as its contract declares it.
public struct ServiceDescriptor: Sendable, Hashable {
  /// The full name, such as `millrace.financing.v1.FinancingService`.
  public let name: String
  public let methods: [MethodDescriptor]
  /// The file that declares the service; nil for one that no contract declares.
  public let file: ProtoFile?

  public init(name: String, methods: [MethodDescriptor], file: ProtoFile? = nil) {
    self.name = name
    self.methods = methods
    self.file = file
  }
}
