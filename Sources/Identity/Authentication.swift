import RPC

/// Finds out who calls, by the bearer token in `authorization`.
///
/// Methods that are open to the public are let through without one; a token that is there must be valid all the same.
public struct Authentication: Admission {
  private let callers: Callers

  public init(_ callers: Callers) {
    self.callers = callers
  }

  public func admit(_ call: Call) throws(RPCError) {
    let fields = call.requestMetadata.values("authorization")
    // Two parties on the way, such as a proxy, might each go by another one.
    guard fields.count <= 1 else {
      throw RPCError.unauthenticated("the metadata `authorization` must not be repeated")
    }
    if let authorization = fields.first {
      call.principal = try principal(authorization)
    } else if call.method.access != .public {
      throw RPCError.unauthenticated("this call needs a bearer token in the metadata `authorization`")
    }
  }

  private func principal(_ authorization: String) throws(RPCError) -> Principal {
    // Its letters have no case (RFC 9110, section 11.1).
    let scheme = "bearer "
    guard authorization.utf8.count > scheme.utf8.count,
      zip(authorization.utf8, scheme.utf8).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 && $1 != 0x20 })
    else {
      throw RPCError.unauthenticated("the metadata `authorization` must be `Bearer` and a token")
    }
    guard let principal = callers.principal(token: authorization.utf8.dropFirst(scheme.utf8.count)) else {
      throw RPCError.unauthenticated("the bearer token is not known")
    }
    return principal
  }
}
