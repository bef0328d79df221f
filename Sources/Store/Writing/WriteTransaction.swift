/// The writer's open transaction, which several pieces of work share. Sequence numbers are read from the tables at the
/// first use in each transaction, so nothing in memory can disagree with what was committed.
final class WriteTransaction {
  /// Where a sequence stands while the transaction is open.
  struct Heads {
    var event: Int64?
    var audit: AuditHead?
    var eventCount = 0
  }

  let connection: Connection
  private(set) var events: [StoredEvent] = []
  private var heads = Heads()

  init(_ connection: Connection) {
    self.connection = connection
  }

  /// What `restore` goes back to when a piece of work fails.
  var mark: Heads { heads }

  func restore(_ mark: Heads) {
    // A head first read inside the failed piece is dropped with it and read again.
    heads = mark
    events.removeLast(events.count - mark.eventCount)
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
}
