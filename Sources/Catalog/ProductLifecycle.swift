import Contracts
import RPC
import Terms

/// The legal moves of a product.
public enum ProductLifecycle {
  public typealias State = CatalogV1.Product.State

  /// What may follow a state.
  public static func next(from state: State) -> [State] {
    switch state {
    case .draft: [.inTest]
    case .inTest: [.published]
    case .published: [.suspended, .retired]
    case .suspended: [.published, .retired]
    case .retired, .unspecified, .unrecognized: []
    }
  }

  /// - Throws: FAILED_PRECONDITION with reason ILLEGAL_TRANSITION, naming the allowed states.
  static func check(_ product: CatalogV1.Product, to state: State) throws(RPCError) {
    try RPCError.checkTransition(of: product.name, from: product.state, to: state, allowed: next(from: product.state))
  }
}
