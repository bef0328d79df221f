import Crypto
import RPC

/// One step of a schema. A set of them, one set a domain, is numbered from 1 without gaps, and only ever grows: what
/// has run somewhere is never edited.
public struct Migration: Sendable {
  /// The domain whose tables it makes, such as "financing".
  public let set: String
  /// Its place in the set, from 1.
  public let number: Int
  /// What it is for.
  public let name: String
  /// One or more statements. Tables are STRICT.
  public let sql: String
  /// What SQL alone cannot do, after the statements and in their transaction.
  let convert: (@Sendable (Connection) throws -> Void)?

  public init(set: String, number: Int, name: String, sql: String) {
    self.init(set: set, number: number, name: name, sql: sql, convert: nil)
  }

  init(set: String, number: Int, name: String, sql: String, convert: (@Sendable (Connection) throws -> Void)?) {
    self.set = set
    self.number = number
    self.name = name
    self.sql = sql
    self.convert = convert
  }

  /// SHA-256 of the statements, by which an edited migration is found out.
  var checksum: [UInt8] { Array(SHA256.hash(data: Array(sql.utf8))) }
}

/// Runs what is missing of the given migrations, each in a transaction of its own.
struct Migrator {
  private static let table = """
    CREATE TABLE IF NOT EXISTS store_migrations (
      set_name TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, checksum BLOB NOT NULL,
      applied_at INTEGER NOT NULL, PRIMARY KEY (set_name, number)
    ) STRICT
    """

  let connection: Connection
  let now: Timestamp

  /// Refuses a database that another program made.
  ///
  /// - Throws: `StartError`; `SQLError`.
  func checkOrigin(path: String) throws {
    let names = try connection.query("SELECT name FROM sqlite_schema WHERE type = 'table'") { try $0[0] as String }
    guard names.isEmpty || names.contains("store_migrations") else {
      throw StartError("\(path) is a database of another program; move it away, or choose another data folder")
    }
  }

  /// Sets run in the order in which they are first named.
  func run(_ migrations: [Migration]) throws {
    try connection.execute(Self.table)
    var names: [String] = []
    for migration in migrations where !names.contains(migration.set) { names.append(migration.set) }
    for name in names {
      try run(set: name, migrations.filter { $0.set == name }.sorted { $0.number < $1.number })
    }
  }

  private func run(set: String, _ migrations: [Migration]) throws {
    for (index, migration) in migrations.enumerated() where migration.number != index + 1 {
      throw StartError(
        "migrations of \(set) must be numbered 1, 2, 3, …; number \(migration.number) is in place \(index + 1)")
    }
    let applied = try connection.query(
      "SELECT number, name, checksum FROM store_migrations WHERE set_name = ?1 ORDER BY number", set
    ) { row in (number: try row[0] as Int, name: try row[1] as String, checksum: try row[2] as [UInt8]) }
    for step in applied {
      guard step.number <= migrations.count else {
        throw StartError(
          "the database has migration \(set)/\(step.number) (\(step.name)), which this program does not know: "
            + "it is older than the database; start the program that last served it, or a newer one")
      }
      guard migrations[step.number - 1].checksum == step.checksum else {
        throw StartError(
          "migration \(set)/\(step.number) (\(step.name)) was changed after it ran here; "
            + "restore its text and add a new migration instead")
      }
    }
    for migration in migrations.dropFirst(applied.count) { try apply(migration) }
  }

  private func apply(_ migration: Migration) throws {
    do {
      try connection.execute("BEGIN IMMEDIATE")
      try connection.script(migration.sql)
      try migration.convert?(connection)
      guard connection.isInTransaction else {
        throw StartError("it ends the transaction that it runs in")
      }
      try connection.execute(
        "INSERT INTO store_migrations (set_name, number, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        migration.set, migration.number, migration.name, migration.checksum, now)
      try connection.execute("COMMIT")
    } catch {
      if connection.isInTransaction { _ = try? connection.execute("ROLLBACK") }
      let sqlError = error as? SQLError
      // The file's fault, not the migration's.
      if let sqlError, sqlError.isTransient || sqlError.kind == .damaged { throw sqlError }
      let reason = sqlError?.message ?? "\(error)"
      throw StartError("migration \(migration.set)/\(migration.number) (\(migration.name)) failed: \(reason)")
    }
  }
}
