/// A record of a request as it is stored: the request and the reply may be sealed.
struct StoredRequest: Sendable, Hashable {
  let isSealed: Bool
  let request: [UInt8]
  let reply: [UInt8]
  let at: Timestamp
}

/// The table of request records, in the order of their commits, and the index of their keys.
enum RequestTable {
  /// The sequence number of the last record.
  static func head(_ connection: Connection) throws -> Int64 {
    try connection.first("SELECT coalesce(max(sequence), 0) FROM store_requests") { row in try row[0] } ?? 0
  }

  static func insert(
    _ stored: StoredRequest, of identity: RequestIdentity, sequence: Int64, _ connection: Connection
  ) throws(SQLError) {
    try connection.execute(
      """
      INSERT INTO store_requests (sequence, key, request_id, caller, method, is_sealed, request, reply, at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      """,
      sequence, identity.key, identity.requestId, identity.caller, identity.method, stored.isSealed, stored.request,
      stored.reply, stored.at)
  }

  /// The record of an identity, looked for in the index.
  static func find(_ identity: RequestIdentity, _ connection: Connection) throws -> StoredRequest? {
    let sequences: [Int64] = try connection.query(
      "SELECT sequence FROM store_request_keys WHERE key = ?1", identity.key
    ) { row in try row[0] }
    for sequence in sequences {
      if let found = try find(identity, at: sequence, connection) { return found }
    }
    return nil
  }

  /// The record of an identity, if it is the one with this sequence number.
  static func find(
    _ identity: RequestIdentity, at sequence: Int64, _ connection: Connection
  ) throws -> StoredRequest? {
    try connection.first(
      """
      SELECT is_sealed, request, reply, at FROM store_requests
      WHERE sequence = ?1 AND request_id = ?2 AND caller = ?3 AND method = ?4
      """,
      sequence, identity.requestId, identity.caller, identity.method, row: read)
  }

  /// Adds a record to the index; it may be there.
  static func index(key: Int64, sequence: Int64, _ connection: Connection) throws(SQLError) {
    try connection.execute(
      "INSERT INTO store_request_keys (key, sequence) VALUES (?1, ?2) ON CONFLICT DO NOTHING", key, sequence)
  }

  /// The records after `sequence`.
  static func keys(after sequence: Int64, _ connection: Connection) throws -> [(key: Int64, sequence: Int64)] {
    try connection.query(
      "SELECT key, sequence FROM store_requests WHERE sequence > ?1 ORDER BY sequence", sequence
    ) { row in (key: try row[0], sequence: try row[1]) }
  }

  /// The last record of those that all are in the index.
  static func indexedThrough(_ connection: Connection) throws -> Int64 {
    try connection.first("SELECT indexed_through FROM store_request_index") { row in try row[0] } ?? 0
  }

  static func setIndexedThrough(_ sequence: Int64, _ connection: Connection) throws(SQLError) {
    try connection.execute("UPDATE store_request_index SET indexed_through = ?1", sequence)
  }

  private static func read(_ row: borrowing Row) throws -> StoredRequest {
    StoredRequest(isSealed: try row[0], request: try row[1], reply: try row[2], at: try row[3])
  }
}
