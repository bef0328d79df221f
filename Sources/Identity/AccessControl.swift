import RPC

/// Enforces what the contract says of a method's access. A method of which it says nothing is refused: nothing is open
/// by omission.
public struct AccessControl: ServerInterceptor {
  public init() {}

  public func intercept(_ call: Call, next: @Sendable (Call) async throws -> Void) async throws {
    switch call.method.access {
    case .public:
      break
    case .permission(let permission):
      guard try call.caller().permissions.contains(permission) else {
        throw RPCError(
          .permissionDenied, "\(call.method.path) needs the permission \(permission)",
          reason: "PERMISSION_DENIED", metadata: ["permission": permission])
      }
    case .unspecified:
      throw RPCError.permissionDenied("\(call.method.path) has no access rule")
    }
    try await next(call)
  }
}
