import Identity
import Protobuf
import RPC
import Store

/// The message of a resource that has a lifecycle: what all of them have, under the same names.
public protocol ResourceMessage: Message {
  associatedtype State: ProtobufEnum

  var name: String { get set }
  var state: State { get set }
  var createTime: GoogleProtobuf.Timestamp? { get set }
  var updateTime: GoogleProtobuf.Timestamp? { get set }
  var etag: String { get set }
}

/// A resource as stored, with what its message does not show.
public struct Stored<Body: ResourceMessage>: Sendable {
  public var body: Body
  /// The subject of the caller who made it.
  public var owner: String
  public var id: String
  /// Counts its changes, from 1; the etag tells it to clients.
  public var revision: Int64

  public init(_ body: Body, owner: String, id: String, revision: Int64) {
    self.body = body
    self.owner = owner
    self.id = id
    self.revision = revision
  }
}

/// One move of one resource, right after it.
public struct Transition<Body: ResourceMessage> {
  public let resumeToken: String
  public let from: Body.State
  public let body: Body
  /// The caller's subject, or "system".
  public let actor: String
  public let time: Timestamp
}

/// A kind of resource in the database: where its rows are, how it moves, who sees it, and what its watchers get.
public protocol ResourceTable: Sendable {
  associatedtype Body: ResourceMessage
  associatedtype Event: Message

  /// The collection in resource names, and the topic of the events.
  static var collection: String { get }
  static var lifecycle: TransitionTable<Body.State> { get }

  static func find(_ id: String, in connection: Connection) throws -> Stored<Body>?
  static func insert(_ stored: Stored<Body>, into connection: Connection) throws
  static func update(_ stored: Stored<Body>, in connection: Connection) throws

  /// Whose a resource is, which decides who may see it: the enterprise that it belongs to, for example. Each event keeps
  /// the scope that the resource had right after the move.
  static func scope(of body: Body) -> String
  /// The scope of the resource with an id, nil where there is none; a table may find it without reading the whole resource.
  static func scope(ofId id: String, in connection: Connection) throws -> String?
  /// Whether a caller may see what has a scope: the rule that get, change and watch of the resource go by. Others do not
  /// learn that it exists. The answer for a scope never changes.
  static func isVisible(scope: String, to principal: Principal, in connection: Connection) throws -> Bool
  /// The same rule as a condition on rows: lists go by it.
  static func restrict(_ page: inout PageQuery, to principal: Principal)

  static func event(_ transition: Transition<Body>) -> Event

  /// What a move sets by itself, before it is stored.
  static func didMove(_ body: inout Body, from state: Body.State, at now: Timestamp)
}

extension ResourceTable {
  public static func scope(ofId id: String, in connection: Connection) throws -> String? {
    try find(id, in: connection).map { scope(of: $0.body) }
  }

  public static func didMove(_ body: inout Body, from state: Body.State, at now: Timestamp) {}

  /// The resource of a name, as far as the caller may see it.
  ///
  /// - Throws: INVALID_ARGUMENT naming `field` for a malformed name; NOT_FOUND when there is none for the caller.
  public static func load(
    _ name: String, field: String = "name", for principal: Principal, from connection: Connection
  ) throws -> Stored<Body> {
    let id = try ResourceName.id(name, in: collection, field: field)
    guard let stored = try find(id, in: connection),
      try isVisible(scope: scope(of: stored.body), to: principal, in: connection)
    else { throw RPCError.notFound(name, type: collection) }
    return stored
  }

  /// Throws what `load` would, for those who need nothing of the resource but that it is there.
  public static func check(
    _ name: String, field: String, for principal: Principal, from connection: Connection
  ) throws {
    let id = try ResourceName.id(name, in: collection, field: field)
    guard try isVisible(id: id, to: principal, in: connection) else { throw RPCError.notFound(name, type: collection) }
  }

  /// Whether there is a resource with an id that a caller may see.
  public static func isVisible(id: String, to principal: Principal, in connection: Connection) throws -> Bool {
    guard let scope = try scope(ofId: id, in: connection) else { return false }
    return try isVisible(scope: scope, to: principal, in: connection)
  }
}
