/// The writer's open transaction, which several pieces of work share. Sequence numbers are read from the tables at the
/// first use in each transaction, so nothing in memory can disagree with what was committed.
final class WriteTransaction {
  /// Where a sequence stands while the transaction is open.
  struct Heads {
    var event: Int64?
    var audit: AuditHead?
    var request: Int64?
    var eventCount = 0
  }

  let connection: Connection
  private(set) var events: [StoredEvent] = []
  /// The records of requests that it added: their sequence numbers by key.
  private(set) var requests: [Int64: Int64] = [:]
  private let index: RequestIndex
  private var heads = Heads()

  init(_ connection: Connection, _ index: RequestIndex) {
    self.connection = connection
    self.index = index
  }

  /// What `restore` goes back to when a piece of work fails.
  var mark: Heads { heads }

  func restore(_ mark: Heads) {
    // A head first read inside the failed piece is dropped with it and read again.
    heads = mark
    events.removeLast(events.count - mark.eventCount)
    guard !requests.isEmpty else { return }
    requests = requests.filter { $0.value <= mark.request ?? 0 }
  }

  /// The record of an earlier request with this identity.
  func record(of identity: RequestIdentity) throws -> StoredRequest? {
    if let sequence = requests[identity.key] ?? index[identity.key],
      let found = try RequestTable.find(identity, at: sequence, connection)
    {
      return found
    }
    return try RequestTable.find(identity, connection)
  }

  func append(_ stored: StoredRequest, of identity: RequestIdentity) throws {
    let sequence = try (heads.request ?? RequestTable.head(connection)) + 1
    try RequestTable.insert(stored, of: identity, sequence: sequence, connection)
    heads.request = sequence
    if requests[identity.key] ?? index[identity.key] == nil {
      requests[identity.key] = sequence
    } else {
      // Another record has the key already.
      try RequestTable.index(key: identity.key, sequence: sequence, connection)
    }
  }

  /// The sequence number that the next event gets.
  func nextEventSequence() throws -> Int64 {
    if let head = heads.event { return head + 1 }
    let head = try EventTable.head(connection)
    heads.event = head
    return head + 1
  }

  func append(_ event: StoredEvent) throws {
    try EventTable.insert(event, connection)
    heads.event = event.sequence
    heads.eventCount += 1
    events.append(event)
  }

  func append(_ entry: AuditEntry) throws {
    let head = try heads.audit ?? AuditTable.head(connection)
    heads.audit = try AuditTable.insert(entry, after: head, connection)
  }

  /// Commits everything.
  func commit() throws {
    let sliceCount = try index.makeRoom(for: requests.count, connection)
    try connection.execute("COMMIT")
    index.commit(sliceCount: sliceCount, added: requests, head: heads.request)
  }
}
