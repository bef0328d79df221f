import Identity
import Protobuf
import RPC
import Store
import Terms

/// How a resource comes to be and changes: by moves of its lifecycle, stored, told to the watchers and audited in one
/// unit of work. The rules of a domain extend it for their own table.
public struct Change<Table: ResourceTable> {
  public let unit: UnitOfWork
  public private(set) var stored: Stored<Table.Body>

  /// Loads the resource that a request names, for its caller.
  ///
  /// - Throws: NOT_FOUND when there is none for the caller; ABORTED when `etag` is not the current one.
  public init(_ name: String, etag: String = "", for principal: Principal, in unit: UnitOfWork) throws {
    self.unit = unit
    stored = try Table.load(name, for: principal, from: unit.connection)
    try Etag.check(etag, version: stored.revision)
  }

  /// A resource that is there, for the server's own work.
  public init(_ stored: Stored<Table.Body>, in unit: UnitOfWork) {
    self.unit = unit
    self.stored = stored
  }

  /// Makes a resource in the first state of its lifecycle, and stores it.
  public init(creating body: Table.Body, as state: Table.Body.State, owner: String, in unit: UnitOfWork) throws {
    self.unit = unit
    let id = unit.newId()
    stored = Stored(body, owner: owner, id: id, revision: 0)
    stored.body.name = "\(Table.collection)/\(id)"
    stored.body.createTime = unit.now.message
    let from = stored.body.state
    stored.body.state = state
    touch()
    try Table.insert(stored, into: unit.connection)
    try announce(from: from, by: unit.caller.subject)
  }

  public var body: Table.Body {
    get { stored.body }
    set { stored.body = newValue }
  }

  /// Refuses what the lifecycle does not allow, before anything is changed.
  ///
  /// - Throws: FAILED_PRECONDITION with reason ILLEGAL_TRANSITION, naming the allowed moves.
  public func check(to state: Table.Body.State, by actor: Actor) throws(RPCError) {
    do throws(IllegalTransition) {
      try Table.lifecycle.check(from: stored.body.state, to: state, actor: actor)
    } catch {
      throw error.rpcError(of: stored.body.name)
    }
  }

  /// Moves the resource on, with all that was set before.
  public mutating func move(to state: Table.Body.State, by actor: Actor) throws {
    try check(to: state, by: actor)
    let from = stored.body.state
    stored.body.state = state
    Table.didMove(&stored.body, from: from, at: unit.now)
    try save()
    try announce(from: from, by: actor.isServer ? "system" : unit.caller.subject)
  }

  /// Stores what was set, without a move.
  public mutating func save() throws {
    touch()
    try Table.update(stored, in: unit.connection)
  }

  /// Appends what was done to the audit log.
  public func record(_ action: String, _ detail: String = "") throws {
    try unit.audit(resource: stored.body.name, action: action, detail: detail)
  }

  private mutating func touch() {
    stored.revision += 1
    stored.body.etag = Etag.tag(version: stored.revision)
    stored.body.updateTime = unit.now.message
  }

  private func announce(from state: Table.Body.State, by actor: String) throws {
    let body = stored.body
    try unit.emit(topic: Table.collection, subject: body.name, scope: Table.scope(of: body)) { sequence in
      Table.event(
        Transition(
          resumeToken: ResumeToken.token(sequence), from: state, body: body, actor: actor, time: unit.now))
    }
    try record("transition", "\(state.label) to \(body.state.label)")
  }
}
