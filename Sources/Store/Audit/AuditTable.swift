/// The audit table and its mapping.
enum AuditTable {
  static func head(_ connection: Connection) throws -> AuditHead {
    try connection.first("SELECT sequence, hash FROM store_audit ORDER BY sequence DESC LIMIT 1") { row in
      AuditHead(sequence: try row[0], hash: try row[1])
    } ?? .start
  }

  /// Appends an entry. Returns the new end of the chain.
  static func insert(
    _ entry: AuditEntry, after head: AuditHead, _ connection: Connection
  ) throws(SQLError) -> AuditHead {
    let sequence = head.sequence + 1
    let hash = entry.hash(sequence: sequence, previous: head.hash)
    try connection.execute(
      """
      INSERT INTO store_audit (sequence, at, actor, action, resource, request_id, detail, hash)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      """,
      sequence, entry.at, entry.actor, entry.action, entry.resource, entry.requestId, entry.detail, hash)
    return AuditHead(sequence: sequence, hash: hash)
  }

  static func page(
    after sequence: Int64, count: Int, _ connection: Connection
  ) throws -> [(sequence: Int64, entry: AuditEntry, hash: [UInt8])] {
    try connection.query(
      """
      SELECT sequence, at, actor, action, resource, request_id, detail, hash FROM store_audit
      WHERE sequence > ?1 ORDER BY sequence LIMIT ?2
      """,
      sequence, count
    ) { row in
      let entry = AuditEntry(
        at: try row[1], actor: try row[2], action: try row[3], resource: try row[4], requestId: try row[5],
        detail: try row[6])
      return (sequence: try row[0], entry: entry, hash: try row[7])
    }
  }
}
