/// The outbox table and its mapping to events.
enum EventTable {
  static func head(_ connection: Connection) throws -> Int64 {
    try connection.first("SELECT coalesce(max(sequence), 0) FROM store_events") { row in try row[0] } ?? 0
  }

  static func insert(_ event: StoredEvent, _ connection: Connection) throws(SQLError) {
    try connection.execute(
      """
      INSERT INTO store_events (sequence, topic, subject, scope, at, type, payload)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      """,
      event.sequence, event.topic, event.subject, event.scope, event.at, event.type, event.payload)
  }

  /// The events after `after` and up to `through` that match, in order. The range, and not a count of rows, bounds the
  /// work, so a narrow filter cannot keep a thread busy.
  static func page(
    _ filter: EventFilter, after: Int64, through: Int64, _ connection: Connection
  ) throws -> [StoredEvent] {
    try connection.query(
      """
      SELECT sequence, topic, subject, scope, at, type, payload FROM store_events
      WHERE topic = ?1 AND sequence > ?2 AND sequence <= ?3
        AND (?4 IS NULL OR scope = ?4) AND (?5 IS NULL OR subject = ?5)
      ORDER BY sequence
      """,
      filter.topic, after, through, filter.scope, filter.subject
    ) { row in
      StoredEvent(
        sequence: try row[0], topic: try row[1], subject: try row[2], scope: try row[3], at: try row[4],
        type: try row[5], payload: try row[6])
    }
  }
}
