import Protobuf

/// The failure of a call: what the peer sees, and all that the peer sees.
///
/// `reason` travels as google.rpc.ErrorInfo in the domain `millrace`, next to `details`, so that a program can tell
/// failures apart without reading `message`.
public struct RPCError: Error, Sendable, Hashable {
  /// The domain of every `reason`.
  public static let domain = "millrace"

  public var code: StatusCode
  /// UPPER_SNAKE_CASE, stable, for programs: `LIMIT_EXCEEDED`.
  public var reason: String?
  /// One sentence for people. Never data that the caller may not see.
  public var message: String
  /// Facts that belong to `reason`; they travel in the same ErrorInfo. Only sent together with a reason.
  public var metadata: [String: String]
  /// Further google.rpc details; ErrorInfo is not among them.
  public var details: [GoogleProtobuf.`Any`]

  public init(
    _ code: StatusCode,
    _ message: String,
    reason: String? = nil,
    metadata: [String: String] = [:],
    details: [GoogleProtobuf.`Any`] = []
  ) {
    self.code = code
    self.message = message
    self.reason = reason
    self.metadata = metadata
    self.details = details
  }
}

extension RPCError: CustomStringConvertible {
  public var description: String {
    "\(code)\(reason.map { " (\($0))" } ?? ""): \(message)"
  }
}

extension RPCError {
  /// One field of a request that breaks a rule.
  public struct FieldViolation: Sendable, Hashable {
    /// The path of the field in the request, in proto names: `amount.minor_units`.
    public var field: String
    public var description: String
    public var reason: String

    public init(field: String, description: String, reason: String = "") {
      self.field = field
      self.description = description
      self.reason = reason
    }
  }

  /// The fields that break a rule, as the details name them.
  public var violations: [FieldViolation] { StatusDetails.violations(details) }

  /// INVALID_ARGUMENT for one field, with BadRequest details.
  public static func invalidArgument(field: String, _ description: String, reason: String? = nil) -> RPCError {
    badRequest([FieldViolation(field: field, description: description, reason: reason ?? "")], reason: reason)
  }

  /// INVALID_ARGUMENT for every field that breaks a rule, with BadRequest details.
  public static func badRequest(_ violations: [FieldViolation], reason: String? = nil) -> RPCError {
    let message = violations.map { "\($0.field): \($0.description)" }.joined(separator: "; ")
    return RPCError(
      .invalidArgument,
      message,
      reason: reason ?? "INVALID_FIELD",
      details: [StatusDetails.badRequest(violations)]
    )
  }

  /// NOT_FOUND for a resource name such as `applications/0190f3b2`, with ResourceInfo details.
  public static func notFound(_ resource: String, type: String = "") -> RPCError {
    RPCError(
      .notFound,
      "\(resource) does not exist",
      reason: "NOT_FOUND",
      details: [StatusDetails.resourceInfo(type: type, name: resource)]
    )
  }

  /// ALREADY_EXISTS for a resource name, with ResourceInfo details.
  public static func alreadyExists(_ resource: String, type: String = "") -> RPCError {
    RPCError(
      .alreadyExists,
      "\(resource) exists already",
      reason: "ALREADY_EXISTS",
      details: [StatusDetails.resourceInfo(type: type, name: resource)]
    )
  }

  /// FAILED_PRECONDITION: the state of things forbids the call until somebody changes it.
  /// With a `subject`, PreconditionFailure details name it.
  public static func failedPrecondition(
    reason: String,
    message: String,
    metadata: [String: String] = [:],
    subject: String? = nil
  ) -> RPCError {
    RPCError(
      .failedPrecondition,
      message,
      reason: reason,
      metadata: metadata,
      details: subject.map {
        [StatusDetails.preconditionFailure(type: reason, subject: $0, description: message)]
      } ?? []
    )
  }

  /// PERMISSION_DENIED: the caller is known and may not do this.
  public static func permissionDenied(_ message: String, reason: String = "PERMISSION_DENIED") -> RPCError {
    RPCError(.permissionDenied, message, reason: reason)
  }

  /// UNAUTHENTICATED: the call carries no valid credentials.
  public static func unauthenticated(_ message: String, reason: String = "UNAUTHENTICATED") -> RPCError {
    RPCError(.unauthenticated, message, reason: reason)
  }

  /// ABORTED: the caller lost a race and should read again before it retries.
  public static func aborted(_ message: String, reason: String = "CONFLICT") -> RPCError {
    RPCError(.aborted, message, reason: reason)
  }

  /// UNAVAILABLE: the same call may succeed later, with RetryInfo details when it is known when.
  public static func unavailable(
    _ message: String = "try again later",
    reason: String = "UNAVAILABLE",
    retryAfter: Duration? = nil
  ) -> RPCError {
    RPCError(.unavailable, message, reason: reason, details: retryAfter.map { [StatusDetails.retryInfo($0)] } ?? [])
  }

  /// RESOURCE_EXHAUSTED: a quota or a limit. QuotaFailure names the subject, RetryInfo the time to wait.
  public static func resourceExhausted(
    _ message: String,
    reason: String = "LIMIT_EXCEEDED",
    subject: String? = nil,
    retryAfter: Duration? = nil
  ) -> RPCError {
    var details: [GoogleProtobuf.`Any`] = []
    if let subject { details.append(StatusDetails.quotaFailure(subject: subject, description: message)) }
    if let retryAfter { details.append(StatusDetails.retryInfo(retryAfter)) }
    return RPCError(.resourceExhausted, message, reason: reason, details: details)
  }

  /// UNIMPLEMENTED: there is no such method.
  public static func unimplemented(_ message: String) -> RPCError {
    RPCError(.unimplemented, message)
  }
}
