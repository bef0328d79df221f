import Protobuf
import RPC

extension RPCError {
  /// Refuses a move that a lifecycle does not allow.
  ///
  /// - Throws: FAILED_PRECONDITION with reason ILLEGAL_TRANSITION, naming the allowed states.
  public static func checkTransition<State: ProtobufEnum>(
    of resource: String, from: State, to: State, allowed: [State]
  ) throws(RPCError) {
    guard !allowed.contains(to) else { return }
    throw illegalTransition(
      of: resource, from: from.valueName ?? "\(from.rawValue)", to: to.valueName ?? "\(to.rawValue)",
      allowed: allowed.compactMap(\.valueName))
  }

  /// The same for states by their names.
  public static func illegalTransition(
    of resource: String, from: String, to: String, allowed: [String]
  ) -> RPCError {
    let choices = allowed.isEmpty ? "nothing follows \(from)" : "allowed: \(allowed.joined(separator: ", "))"
    return .failedPrecondition(
      reason: "ILLEGAL_TRANSITION",
      message: "\(resource) cannot go from \(from) to \(to); \(choices)",
      metadata: ["from": from, "to": to, "allowed": allowed.joined(separator: ",")],
      subject: resource)
  }
}
