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
    // Records have a number and, for the index, a short key; see RequestIndex.
    Migration(
      set: "store", number: 3, name: "idempotency records by short keys that are indexed late",
      sql: """
        ALTER TABLE store_requests RENAME TO store_requests_by_id;
        CREATE TABLE store_requests (
          sequence INTEGER NOT NULL PRIMARY KEY, key INTEGER NOT NULL, request_id TEXT NOT NULL, caller TEXT NOT NULL,
          method TEXT NOT NULL, is_sealed INTEGER NOT NULL, request BLOB NOT NULL, reply BLOB NOT NULL,
          at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE store_request_keys (
          key INTEGER NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (key, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE store_request_index (
          id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), indexed_through INTEGER NOT NULL
        ) STRICT;
        INSERT INTO store_request_index (id, indexed_through) VALUES (1, 0);
        """
    ) { connection in
      var sequence: Int64 = 0
      _ = try connection.query(
        "SELECT request_id, caller, method, is_sealed, request, reply, at FROM store_requests_by_id"
      ) { row in
        sequence += 1
        let identity = RequestIdentity(requestId: try row[0], caller: try row[1], method: try row[2])
        let stored = StoredRequest(isSealed: try row[3], request: try row[4], reply: try row[5], at: try row[6])
        try RequestTable.insert(stored, of: identity, sequence: sequence, connection)
        try RequestTable.index(key: identity.key, sequence: sequence, connection)
      }
      try RequestTable.setIndexedThrough(sequence, connection)
      try connection.execute("DROP TABLE store_requests_by_id")
    },
  ]
}
