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

  public init(
    service: String,
    name: String,
    kind: MethodKind,
    access: Access,
    idempotency: Idempotency = .unspecified
  ) {
    self.service = service
    self.name = name
    self.path = "/\(service)/\(name)"
    self.kind = kind
    self.access = access
    self.idempotency = idempotency
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
