import Testing

@testable import Store

@Suite struct ConnectionTests {
  @Test func valuesComeBackAsTheyWere() throws {
    let fixture = try Fixture()
    let connection = try fixture.otherConnection()
    try connection.execute(
      "CREATE TABLE v (i INTEGER, t TEXT, b BLOB, n TEXT, f INTEGER) STRICT")
    let blob: [UInt8] = [0, 255, 7]
    try connection.execute("INSERT INTO v VALUES (?1, ?2, ?3, ?4, ?5)", Int64.min, "零\0b", blob, nil as String?, true)
    try connection.execute("INSERT INTO v VALUES (?1, ?2, ?3, ?4, ?5)", Int64.max, "", [UInt8](), nil as String?, false)
    let rows = try connection.query("SELECT i, t, b, n, f FROM v") { row in
      (try row[0] as Int64, try row[1] as String, try row[2] as [UInt8], try row[3] as String?, try row[4] as Bool)
    }
    #expect(rows.count == 2)
    #expect(rows[0] == (Int64.min, "零\0b", blob, nil, true))
    #expect(rows[1] == (Int64.max, "", [], nil, false))
  }

  @Test func errorsNameCodeStatementAndTypes() throws {
    let fixture = try Fixture()
    let connection = try fixture.otherConnection()
    try connection.execute("INSERT INTO orders VALUES (?1, ?2)", "a", 1)
    let error = #expect(throws: SQLError.self) {
      try connection.execute("INSERT INTO orders VALUES (?1, ?2)", "a", 2)
    }
    #expect(error?.kind == .unique)
    #expect(error?.code == 1_555)  // SQLITE_CONSTRAINT_PRIMARYKEY
    #expect(error?.sql == "INSERT INTO orders VALUES (?1, ?2)")
    #expect(error?.valueTypes == ["TEXT", "INTEGER"])
    #expect(throws: SQLError.self) { try connection.execute("INSERT INTO orders VALUES (?1, ?2)", "b", -1) }
    #expect(throws: SQLError.self) { try connection.execute("INSERT INTO orders VALUES (?1, ?2)", "b", "text") }
    #expect(throws: SQLError.self) { try connection.execute("INSERT INTO orders VALUES (?1, ?2)", "b") }
    #expect(throws: SQLError.self) { try connection.execute("SELECT 1; SELECT 2") }
  }

  @Test func aColumnOfAnotherTypeIsAnErrorAndNotAZero() throws {
    let fixture = try Fixture()
    let connection = try fixture.otherConnection()
    let error = #expect(throws: SQLError.self) {
      try connection.first("SELECT 'x', NULL") { try $0[0] as Int64 }
    }
    #expect(error?.kind == .type)
    #expect(throws: SQLError.self) { try connection.first("SELECT NULL") { try $0[0] as Int64 } }
    #expect(throws: SQLError.self) { try connection.first("SELECT 1") { try $0[1] as Int64 } }
    #expect(throws: SQLError.self) { try connection.first("SELECT 3") { try $0[0] as Bool } }
  }

  @Test func theSameStatementNestsInItself() throws {
    let fixture = try Fixture()
    let connection = try fixture.otherConnection()
    let sql = "SELECT v FROM (SELECT 1 AS v UNION SELECT 2) ORDER BY v"
    let pairs = try connection.query(sql) { outer in
      (try outer[0] as Int, try connection.query(sql) { try $0[0] as Int })
    }
    #expect(pairs.map(\.0) == [1, 2])
    #expect(pairs.map(\.1) == [[1, 2], [1, 2]])
  }

  @Test func theDatabaseIsAsDurableAsPromised() throws {
    let fixture = try Fixture()
    let connection = try fixture.otherConnection()
    #expect(try connection.first("PRAGMA journal_mode") { try $0[0] as String } == "wal")
    #expect(try connection.first("PRAGMA synchronous") { try $0[0] as Int } == 2)
    #expect(try connection.first("PRAGMA foreign_keys") { try $0[0] as Int } == 1)
  }

  @Test func readsCannotWriteAndSeeOneSnapshot() async throws {
    let fixture = try Fixture()
    #expect(throws: SQLError.self) {
      try fixture.store.read { try $0.execute("INSERT INTO orders VALUES ('a', 1)") }
    }
    let other = try fixture.otherConnection()
    let counts = try fixture.store.read { connection in
      let before = try connection.first("SELECT count(*) FROM orders") { try $0[0] as Int }
      try other.execute("INSERT INTO orders VALUES ('a', 1)")
      return (before, try connection.first("SELECT count(*) FROM orders") { try $0[0] as Int })
    }
    #expect(counts == (0, 0))
    #expect(try fixture.count("orders") == 1)
  }
}
