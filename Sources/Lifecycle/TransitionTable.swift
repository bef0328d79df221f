import Protobuf
import RPC

/// The legal moves of a state machine as data: one row a move, and nothing that the rows do not say.
public struct TransitionTable<State: ProtobufEnum>: Sendable {
  public struct Row: Sendable, Hashable {
    public let from: State
    public let to: State
    /// Who may make the move.
    public let actors: Set<Actor>

    public init(_ from: State, _ to: State, by actors: Actor...) {
      self.from = from
      self.to = to
      self.actors = Set(actors)
    }
  }

  public let rows: [Row]

  public init(_ rows: [Row]) { self.rows = rows }

  /// The moves out of a state, in the table's order.
  public func next(from state: State) -> [Row] { rows.filter { $0.from == state } }

  /// - Throws: `IllegalTransition` when the table has no such row, or has it for other actors.
  public func check(from: State, to: State, actor: Actor) throws(IllegalTransition) {
    let next = next(from: from)
    guard let row = next.first(where: { $0.to == to }) else {
      throw IllegalTransition(from: from.label, to: to.label, allowed: next.map(\.to.label))
    }
    guard row.actors.contains(actor) else {
      throw IllegalTransition(
        from: from.label,
        to: to.label,
        actor: actor.rawValue,
        allowedActors: row.actors.map(\.rawValue).sorted(),
        allowed: next.filter { $0.actors.contains(actor) }.map(\.to.label)
      )
    }
  }
}

extension ProtobufEnum {
  /// The contract's name of a state, or its number where a newer contract has put one in.
  public var label: String { valueName ?? "\(rawValue)" }
}

/// A move that the table does not have. States and actors are named as in the contract.
public struct IllegalTransition: Error, Sendable, Hashable, CustomStringConvertible {
  /// For google.rpc.ErrorInfo.
  public static let reason = "ILLEGAL_TRANSITION"

  public let from: String
  public let to: String
  /// Who asked, when the move itself exists but is for others.
  public let actor: String?
  /// Who may make the move; empty when nobody may.
  public let allowedActors: [String]
  /// Where `actor`, or anybody when it is nil, may go from here.
  public let allowed: [String]

  init(from: String, to: String, actor: String? = nil, allowedActors: [String] = [], allowed: [String]) {
    self.from = from
    self.to = to
    self.actor = actor
    self.allowedActors = allowedActors
    self.allowed = allowed
  }

  public var description: String {
    let choices = allowed.isEmpty ? "nothing" : allowed.joined(separator: ", ")
    guard let actor else { return "\(from) cannot become \(to); allowed: \(choices)" }
    let actors = allowedActors.joined(separator: ", ")
    return "\(from) becomes \(to) by \(actors), not by \(actor); allowed to \(actor): \(choices)"
  }

  /// The error as a caller sees it: FAILED_PRECONDITION, naming the allowed moves.
  public func rpcError(of resource: String) -> RPCError {
    .failedPrecondition(
      reason: Self.reason, message: "\(resource): \(self)",
      metadata: ["from": from, "to": to, "allowed": allowed.joined(separator: ",")], subject: resource)
  }
}
