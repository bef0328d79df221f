extension Migration {
  /// The store's own tables.
  static let store = [
    Migration(
      set: "store", number: 1, name: "events, audit log, idempotency records, business date",
      sql: """
        CREATE TABLE store_events (
          sequence INTEGER NOT NULL PRIMARY KEY, topic TEXT NOT NULL, subject TEXT NOT NULL, scope TEXT NOT NULL,
          at INTEGER NOT NULL, type TEXT NOT NULL, payload BLOB NOT NULL
        ) STRICT;
        CREATE TABLE store_audit (
          sequence INTEGER NOT NULL PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
          resource TEXT NOT NULL, request_id TEXT NOT NULL, detail TEXT NOT NULL, hash BLOB NOT NULL
        ) STRICT;
        CREATE TABLE store_idempotency (
          caller TEXT NOT NULL, method TEXT NOT NULL, request_id TEXT NOT NULL, digest BLOB NOT NULL,
          is_sealed INTEGER NOT NULL, request BLOB NOT NULL, reply BLOB NOT NULL, at INTEGER NOT NULL,
          PRIMARY KEY (caller, method, request_id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE store_business_date (
          id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), date TEXT NOT NULL, closed_at INTEGER NOT NULL
        ) STRICT;
        """),
    // Records that lie in the order of their commits fill page after page; only a narrow index is in the order of the
    // keys, which clients draw at random. The digest went: the request itself is compared.
    Migration(
      set: "store", number: 2, name: "idempotency records in the order of their commits",
      sql: """
        CREATE TABLE store_requests (
          request_id TEXT NOT NULL, caller TEXT NOT NULL, method TEXT NOT NULL, is_sealed INTEGER NOT NULL,
          request BLOB NOT NULL, reply BLOB NOT NULL, at INTEGER NOT NULL,
          PRIMARY KEY (request_id, caller, method)
        ) STRICT;
        INSERT INTO store_requests (request_id, caller, method, is_sealed, request, reply, at)
          SELECT request_id, caller, method, is_sealed, request, reply, at FROM store_idempotency ORDER BY at;
        DROP TABLE store_idempotency;
        """),
  ]
}
