import Contracts
import Identity
import RPC
import Store
import Terms

/// How an application changes: by a move of its lifecycle, stored, told to the watchers and audited in one unit of work.
struct ApplicationChange {
  /// The topic of the applications' events.
  static let topic = "applications"

  let unit: UnitOfWork
  var stored: ApplicationTables.Stored

  /// Loads the application that a request names, for its caller.
  ///
  /// - Throws: NOT_FOUND when there is none for the caller; ABORTED when `etag` is not the current one.
  init(_ name: String, etag: String, for principal: Principal, in unit: UnitOfWork) throws {
    self.unit = unit
    stored = try ApplicationTables.load(name, for: principal, from: unit.connection)
    try Etag.check(etag, version: stored.revision)
  }

  /// A new application, not stored yet.
  init(_ application: FinancingV1.Application, applicant: Principal, in unit: UnitOfWork) {
    self.unit = unit
    let id = unit.newId()
    stored = ApplicationTables.Stored(
      application: application, applicant: applicant.subject, id: id, revision: 0)
    stored.application.name = "\(ApplicationTables.collection)/\(id)"
    stored.application.createTime = unit.now.message
  }

  var application: FinancingV1.Application {
    get { stored.application }
    set { stored.application = newValue }
  }

  /// Stores a new application as a draft, its first transition.
  mutating func draft() throws {
    touch()
    stored.application.state = .draft
    try ApplicationTables.insert(stored, into: unit.connection)
    try announce(from: .unspecified, by: unit.caller.subject)
  }

  /// Refuses what the lifecycle does not allow, before anything is changed.
  ///
  /// - Throws: FAILED_PRECONDITION with reason ILLEGAL_TRANSITION, naming the allowed moves.
  func check(to state: FinancingV1.Application.State, by actor: ApplicationLifecycle.Actor) throws(RPCError) {
    let from: ApplicationLifecycle.State = try convention(application.state, field: "state")
    let to: ApplicationLifecycle.State = try convention(state, field: "state")
    do throws(IllegalTransition) {
      try ApplicationLifecycle.check(from: from, to: to, actor: actor)
    } catch {
      throw error.rpcError(of: application.name)
    }
  }

  /// Moves the application on, with all that was set before.
  mutating func move(to state: FinancingV1.Application.State, by actor: ApplicationLifecycle.Actor) throws {
    try check(to: state, by: actor)
    let from = application.state
    stored.application.state = state
    try save()
    try announce(from: from, by: actor == .system ? "system" : unit.caller.subject)
  }

  /// Stores what was set, without a transition.
  mutating func save() throws {
    touch()
    try ApplicationTables.update(stored, in: unit.connection)
  }

  private mutating func touch() {
    stored.revision += 1
    stored.application.etag = Etag.tag(version: stored.revision)
    stored.application.updateTime = unit.now.message
  }

  private func announce(from state: FinancingV1.Application.State, by actor: String) throws {
    try unit.emit(topic: Self.topic, subject: application.name, scope: application.enterprise) { sequence in
      FinancingV1.ApplicationEvent(
        resumeToken: ResumeToken.token(sequence),
        fromState: state,
        toState: application.state,
        application: application,
        actor: actor,
        eventTime: unit.now.message)
    }
    try unit.audit(
      resource: application.name, action: "transition",
      detail: "\(state.valueName ?? "") to \(application.state.valueName ?? "")")
  }
}

extension IllegalTransition {
  /// The error as a caller sees it.
  func rpcError(of resource: String) -> RPCError {
    .failedPrecondition(
      reason: Self.reason, message: "\(resource): \(self)",
      metadata: ["from": from, "to": to, "allowed": allowed.joined(separator: ",")], subject: resource)
  }
}
