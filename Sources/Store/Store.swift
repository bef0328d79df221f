import Foundation
import Logging
import RPC

/// The state of the service: one SQLite database in a data directory, with one writer and many readers.
public final class Store: Sendable {
  /// The limits it was opened with.
  public let limits: StoreLimits
  /// The keys of sealed columns and digests.
  public let keys: KeyRing
  /// The committed events, to be watched.
  public let events: EventLog

  let writer: Writer
  private let databasePath: String
  private let snapshots: Snapshots
  private let scans: ScanPool
  private let lock: FileHandle

  /// Opens the database in a data folder.
  ///
  /// - Parameters:
  ///   - path: The data folder.
  ///   - makesMissing: Whether folder, key file and database are made where there are none.
  /// - Throws: `StartError`.
  public init(path: String, makesMissing: Bool = true, limits: StoreLimits = StoreLimits(), logger: Logger) throws {
    guard !path.isEmpty else { throw StartError("the data folder's path is empty; choose one") }
    let databasePath = path + "/millrace.db"
    if makesMissing {
      try Self.makeFolder(path)
    } else if !FileManager.default.fileExists(atPath: databasePath) {
      throw StartError("there is no database \(databasePath); name the data folder of a server that was started before")
    }
    lock = try PrivateFile.lock(path + "/millrace.lock")
    keys = try KeyFile.load(path + "/millrace.keys")
    self.limits = limits
    self.databasePath = databasePath

    let head = try StartError.explain(database: databasePath) {
      let connection = try Connection(path: databasePath, access: .readWrite, limits: limits)
      let now = Timestamp.now()
      let migrator = Migrator(connection: connection, now: now)
      try migrator.checkOrigin(path: databasePath)
      try migrator.run(Migration.store)
      if let today = BusinessDate(now) { try BusinessDateTable.start(today, now: now, connection) }
      return try EventTable.head(connection)
    }

    snapshots = Snapshots(path: databasePath, limits: limits)
    scans = ScanPool(snapshots: snapshots, limits: limits)
    let events = EventLog(head: head, scans: scans, limits: limits)
    self.events = events
    writer = Writer(path: databasePath, limits: limits, logger: logger) { events.publish($0) }
  }

  deinit {
    close()
  }

  /// Runs the migrations that this database has not had yet; at start, before anything is served.
  ///
  /// - Throws: `StartError` when one fails, was changed after it ran, or is unknown to this program.
  public func migrate(_ migrations: [Migration]) throws {
    try StartError.explain(database: databasePath) {
      let connection = try Connection(path: databasePath, access: .readWrite, limits: limits)
      try Migrator(connection: connection, now: .now()).run(migrations)
    }
  }

  private static func makeFolder(_ path: String) throws(StartError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw StartError(cannot: "make the data folder \(path)", error)
    }
  }

  /// A point read: runs `body` at once, on the caller's thread, in one snapshot of the committed state. For reads
  /// that find their rows by an index; others are `scan`.
  ///
  /// - Throws: what `body` throws; UNAVAILABLE when the file cannot be read.
  public func read<Value>(_ body: (Connection) throws -> Value) throws -> Value {
    try snapshots.read(body)
  }

  /// A long read: runs `body` in one snapshot on a thread of its own.
  ///
  /// - Throws: what `body` throws; RESOURCE_EXHAUSTED when too many wait; UNAVAILABLE when the file cannot be read.
  public func scan<Value: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
    try await scans.scan(body)
  }

  /// A write without the plumbing of `Work.perform`. Returns when it is durable.
  ///
  /// - Throws: what `body` throws, and then nothing of it remains; RESOURCE_EXHAUSTED; UNAVAILABLE.
  public func write<Value: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
    try await writer.perform { try body($0.connection) }
  }

  /// The page of a list that a request asks for.
  ///
  /// - Parameter query: Everything that chooses and orders the items, and who asks: a token is good for this only.
  /// - Throws: INVALID_ARGUMENT naming page_token when it is not one of this query's.
  public func page(size: Int32, token: String, query: String...) throws -> Page {
    let tokens = PageToken(key: keys.signing, maximumBytes: limits.pageTokenBytes)
    return try Page(size: size, token: token, query: query, tokens: tokens, limits: limits)
  }

  /// Follows the audit log's hash chain from its first entry.
  ///
  /// - Parameter anchor: The end of an earlier check; with it, a chain cut short or rewritten is found out, too.
  public func verifyAuditChain(anchor: AuditAnchor? = nil) async throws -> AuditVerification {
    var verifier = AuditVerifier(anchor: anchor)
    while true {
      let (next, result) = try await scans.scan { [verifier] connection in
        var verifier = verifier
        let result = try verifier.checkPage(count: 1_024, connection)
        return (verifier, result)
      }
      if let result { return result }
      verifier = next
    }
  }

  /// The business date, which is not the wall clock's.
  public func businessDate() throws -> BusinessDate {
    try read { try BusinessDateTable.current($0) }
  }

  /// Adds a key to the key file of a data directory: it seals from the next start on, and the older ones still open.
  /// Returns its id.
  public static func addSealingKey(path: String) throws -> UInt32 {
    try KeyFile.addSealingKey(path + "/millrace.keys")
  }

  /// Ends all watches, finishes what waits for the writer and the readers, and closes the database.
  public func close() {
    events.close()
    writer.close()
    scans.close()
    snapshots.close()
  }
}
