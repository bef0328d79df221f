import Protobuf

public enum StatusCode: Int, Sendable {
  case ok = 0, cancelled, unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists, permissionDenied
  case resourceExhausted, failedPrecondition, aborted, outOfRange, unimplemented, `internal`, unavailable, dataLoss
  case unauthenticated
}

public struct RPCError: Error, Sendable {
  public var code: StatusCode
  public var reason: String?
  public var message: String
  public var metadata: [String: String]
  public var retryAfter: Duration?
  public init(
    _ code: StatusCode, reason: String? = nil, message: String, metadata: [String: String] = [:],
    retryAfter: Duration? = nil
  ) {
    self.code = code
    self.reason = reason
    self.message = message
    self.metadata = metadata
    self.retryAfter = retryAfter
  }
  public static func invalidArgument(field: String, _ message: String, reason: String? = nil) -> RPCError {
    RPCError(.invalidArgument, reason: reason, message: message, metadata: ["field": field])
  }
  public static func failedPrecondition(reason: String, message: String, metadata: [String: String] = [:]) -> RPCError {
    RPCError(.failedPrecondition, reason: reason, message: message, metadata: metadata)
  }
  public static func unavailable(retryAfter: Duration, _ message: String) -> RPCError {
    RPCError(.unavailable, message: message, retryAfter: retryAfter)
  }
}

public struct Principal: Sendable, Hashable {
  public var subject: String
  public init(subject: String) { self.subject = subject }
}

public struct MethodDescriptor: Sendable {
  public var path: String
  public init(path: String) { self.path = path }
}

public final class Call: Sendable {
  public let method: MethodDescriptor
  public let principal: Principal?
  public let id: String
  public var timeRemaining: Duration? { nil }
  public init(method: MethodDescriptor, principal: Principal?, id: String = "call") {
    self.method = method
    self.principal = principal
    self.id = id
  }
}
