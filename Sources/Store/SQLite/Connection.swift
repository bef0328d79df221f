import CSQLite
import Glibc

/// One connection to the database, used by one thread at a time: whoever holds it is its owner, and a debug build
/// stops on a use by another thread. SQL is what SQLite and PostgreSQL share: ?1 parameters, ON CONFLICT, RETURNING.
@safe public final class Connection {
  /// What a connection may do.
  enum Access {
    case readWrite
    case readOnly
  }

  private let handle: OpaquePointer
  private var statements: [String: Statement] = [:]
  /// The statements last used, by a sample of their texts, which takes less than hashing all of one.
  private var recent: [Statement?] = Array(repeating: nil, count: 251)
  private let cachedStatementCount: Int
  private var owner: pthread_t

  /// Once for the process, before its first connection.
  private static let forgoesMemoryStatistics = millrace_sqlite3_forgo_memory_statistics() == SQLITE_OK

  init(path: String, access: Access, limits: StoreLimits) throws(SQLError) {
    // A process that has used SQLite before can only go on as it is.
    _ = Self.forgoesMemoryStatistics
    var opened: OpaquePointer?
    // A reader also opens for writing, which the shared memory of the log needs, and is then held to reading.
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
    guard code == SQLITE_OK, let handle = unsafe opened else {
      let message = unsafe String(cString: sqlite3_errstr(code))
      let systemCode = unsafe sqlite3_system_errno(opened)
      unsafe sqlite3_close_v2(opened)
      throw SQLError(code: code, message: "cannot open the database: \(message)", sql: "", systemCode: systemCode)
    }
    unsafe self.handle = handle
    cachedStatementCount = limits.cachedStatementCount
    owner = pthread_self()
    unsafe sqlite3_busy_timeout(handle, Int32(clamping: limits.busyTimeoutMilliseconds))
    try configure(access, limits)
  }

  deinit {
    recent.removeAll()
    statements.removeAll()
    unsafe sqlite3_close_v2(handle)
  }

  private func configure(_ access: Access, _ limits: StoreLimits) throws(SQLError) {
    try script("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF")
    switch access {
    case .readOnly:
      try script("PRAGMA cache_size = -\(limits.readerCacheKibibytes); PRAGMA query_only = ON")
    case .readWrite:
      try script(
        """
        PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -\(limits.writerCacheKibibytes);
        PRAGMA wal_autocheckpoint = \(limits.checkpointPageCount); PRAGMA journal_size_limit = \(limits.logSizeBytes)
        """)
      if limits.databasePageCount > 0 { try script("PRAGMA max_page_count = \(limits.databasePageCount)") }
    }
  }

  /// Hands the connection to the thread that calls; the one before must be done with it.
  func adopt() {
    owner = pthread_self()
  }

  /// Runs a statement for its effect. Returns how many rows it changed.
  @inlinable @discardableResult
  public func execute<each Value: Bindable>(_ sql: String, _ values: repeat each Value) throws(SQLError) -> Int {
    let statement = try start(sql) { parameters in repeat (each values).bind(to: &parameters) }
    defer { finish(statement) }
    while try statement.step() {}
    return lastChangeCount
  }

  /// Runs a statement and returns what `body` makes of each row.
  @inlinable
  public func query<Result, each Value: Bindable>(
    _ sql: String, _ values: repeat each Value, row body: (borrowing Row) throws -> Result
  ) throws -> [Result] {
    try rows(of: start(sql) { parameters in repeat (each values).bind(to: &parameters) }, body)
  }

  /// Runs a statement whose values are only known as a list, such as a search with optional conditions.
  public func query<Result>(
    _ sql: String, values: [SQLValue], row body: (borrowing Row) throws -> Result
  ) throws -> [Result] {
    try rows(of: start(sql) { parameters in for value in values { value.bind(to: &parameters) } }, body)
  }

  /// Runs a statement and returns what `body` makes of its first row, or nil where there is none.
  @inlinable
  public func first<Result, each Value: Bindable>(
    _ sql: String, _ values: repeat each Value, row body: (borrowing Row) throws -> Result
  ) throws -> Result? {
    let statement = try start(sql) { parameters in repeat (each values).bind(to: &parameters) }
    defer { finish(statement) }
    return try statement.step() ? body(Row(statement)) : nil
  }

  /// Runs several statements without parameters, such as a migration.
  func script(_ sql: String) throws(SQLError) {
    assertOwned()
    let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else {
      throw SQLError(
        code: code, message: unsafe String(cString: sqlite3_errmsg(handle)), sql: sql,
        systemCode: unsafe sqlite3_system_errno(handle))
    }
  }

  /// How many rows were ever changed through this connection, undone changes included.
  var changeCount: Int64 { unsafe sqlite3_total_changes64(handle) }

  /// Whether a transaction is open. A full disk or an I/O error can end one by itself.
  var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

  /// How many rows the last statement changed.
  @usableFromInline
  var lastChangeCount: Int { Int(unsafe sqlite3_changes(handle)) }

  /// Begins a statement, whose parameters `bind` gives their values; `finish` ends it.
  @inlinable
  func start(_ sql: String, _ bind: (inout Parameters) -> Void) throws(SQLError) -> Statement {
    let statement = try start(sql)
    var parameters = Parameters(statement)
    bind(&parameters)
    do {
      try parameters.check()
    } catch {
      finish(statement)
      throw error
    }
    return statement
  }

  @usableFromInline
  func start(_ sql: String) throws(SQLError) -> Statement {
    assertOwned()
    let statement = try statement(sql)
    statement.isRunning = true
    return statement
  }

  /// Finishes a statement that has begun, and returns what `body` makes of each row.
  @inlinable
  func rows<Result>(of statement: Statement, _ body: (borrowing Row) throws -> Result) throws -> [Result] {
    defer { finish(statement) }
    var results: [Result] = []
    let row = Row(statement)
    while try statement.step() { results.append(try body(row)) }
    return results
  }

  private func statement(_ sql: String) throws(SQLError) -> Statement {
    let place = recentPlace(sql)
    if let statement = recent[place], !statement.isRunning, statement.sql == sql { return statement }
    let statement = try cachedStatement(sql)
    if statements[sql] === statement { recent[place] = statement }
    return statement
  }

  private func recentPlace(_ sql: String) -> Int {
    var sql = sql
    return sql.withUTF8 { bytes in
      var sample = UInt32(truncatingIfNeeded: bytes.count)
      var index = 0
      while index < bytes.count {
        sample = unsafe sample &* 31 &+ UInt32(bytes[index])
        index += 1 + bytes.count / 16
      }
      return Int(sample % UInt32(recent.count))
    }
  }

  private func cachedStatement(_ sql: String) throws(SQLError) -> Statement {
    if let cached = statements[sql] {
      return cached.isRunning ? try unsafe Statement(sql, database: handle, isKept: false) : cached
    }
    let statement = try unsafe Statement(sql, database: handle, isKept: true)
    if statements.count >= cachedStatementCount, let idle = statements.first(where: { !$0.value.isRunning }) {
      statements[idle.key] = nil
      recent = Array(repeating: nil, count: recent.count)
    }
    statements[sql] = statement
    return statement
  }

  @usableFromInline
  func finish(_ statement: Statement) {
    statement.reset()
    statement.isRunning = false
  }

  private func assertOwned() {
    assert(owner == pthread_self(), "a connection was used by a thread that does not own it")
  }
}
