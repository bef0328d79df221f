import Contracts
import RPC
import Terms

/// The legal moves of an enterprise.
public enum EnterpriseLifecycle {
  public typealias State = EnterpriseV1.Enterprise.State

  /// What may follow a state.
  public static func next(from state: State) -> [State] {
    switch state {
    case .draft: [.pendingVerification]
    case .pendingVerification: [.verified]
    case .verified: [.suspended, .closed]
    case .suspended: [.verified, .closed]
    case .closed, .unspecified, .unrecognized: []
    }
  }

  /// - Throws: FAILED_PRECONDITION with reason ILLEGAL_TRANSITION, naming the allowed states.
  static func check(_ enterprise: EnterpriseV1.Enterprise, to state: State) throws(RPCError) {
    try RPCError.checkTransition(
      of: enterprise.name, from: enterprise.state, to: state, allowed: next(from: enterprise.state))
  }
}
