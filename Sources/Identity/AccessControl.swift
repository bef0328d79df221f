import RPC

/// Enforces what the contract says of a method's access. A method of which it says nothing is refused: nothing is open
/// by omission.
public struct AccessControl: Admission {
  public init() {}

  public func admit(_ call: Call) throws(RPCError) {
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
  }
}
