import Identity
import Protobuf
import RPC
import Store

/// A request to follow the transitions of a kind of resource.
public protocol WatchRequest: Message {
  /// The last event's token; events right after it follow. Empty: from the first event on.
  var resumeToken: String { get }
  /// Skips what has happened so far; only without a resume token.
  var onlyNew: Bool { get }
}

extension Store {
  /// Sends the events of a table that the caller may see, each once and in order, from the resume token on and then live.
  ///
  /// - Parameter scope: Only events of this scope; nil for all.
  /// - Throws: INVALID_ARGUMENT naming resume_token or only_new; what ends the call.
  public func watch<Table: ResourceTable>(
    _ table: Table.Type, _ request: some WatchRequest, scope: String? = nil, _ stream: ResponseStream<Table.Event>,
    _ call: Call
  ) async throws {
    let principal = try call.caller()
    guard request.resumeToken.isEmpty || !request.onlyNew else {
      throw RPCError.invalidArgument(field: "only_new", "does not go with a resume_token")
    }
    // An empty token means the beginning here, unless only new events are wanted.
    let resumed = try ResumeToken.position(request.resumeToken, head: events.head)
    let position = resumed ?? (request.onlyNew ? nil : 0)
    var visibility = Visibility<Table>(principal: principal, store: self)
    let filter = EventFilter(topic: Table.collection, scope: scope)
    try await events.stream(filter, after: position, to: stream) { try visibility.allows($0) }
  }
}

/// Which events a watcher may see: those of which a get would have shown the resource right after the move.
private struct Visibility<Table: ResourceTable> {
  let principal: Principal
  let store: Store
  /// The answers so far, by scope: none ever changes.
  private var known: [String: Bool] = [:]

  init(principal: Principal, store: Store) {
    self.principal = principal
    self.store = store
  }

  mutating func allows(_ event: StoredEvent) throws -> Bool {
    if let allowed = known[event.scope] { return allowed }
    let allowed = try store.read { try Table.isVisible(scope: event.scope, to: principal, in: $0) }
    known[event.scope] = allowed
    return allowed
  }
}
