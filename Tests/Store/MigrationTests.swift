import Foundation
import Logging
import RPC
import Testing

@testable import Store

@Suite struct MigrationTests {
  private func migration(_ number: Int, _ sql: String, set: String = "m") -> Migration {
    Migration(set: set, number: number, name: "step \(number)", sql: sql)
  }

  @Test func runsWhatIsMissing() throws {
    let fixture = try Fixture()
    let first = migration(1, "CREATE TABLE m1 (id TEXT NOT NULL PRIMARY KEY) STRICT")
    let second = migration(2, "CREATE TABLE m2 (id TEXT NOT NULL PRIMARY KEY) STRICT; INSERT INTO m1 VALUES ('x')")
    try fixture.store.migrate([first])
    try fixture.store.migrate([second, first])
    try fixture.store.migrate([
      first, second, migration(1, "CREATE TABLE o (id TEXT PRIMARY KEY) STRICT", set: "other"),
    ])
    #expect(try fixture.store.read { try $0.first("SELECT id FROM m1") { try $0[0] as String } } == "x")
  }

  @Test func refusesAChangedOne() throws {
    let fixture = try Fixture()
    try fixture.store.migrate([migration(1, "CREATE TABLE m1 (id TEXT PRIMARY KEY) STRICT")])
    let error = #expect(throws: StartError.self) {
      try fixture.store.migrate([migration(1, "CREATE TABLE m1 (id INTEGER PRIMARY KEY) STRICT")])
    }
    #expect(error?.description.contains("m/1 (step 1) was changed after it ran") == true)
  }

  @Test func refusesGapsAndADatabaseOfANewerProgram() throws {
    let fixture = try Fixture()
    #expect(throws: StartError.self) { try fixture.store.migrate([migration(2, "SELECT 1")]) }
    let first = migration(1, "CREATE TABLE m1 (id TEXT PRIMARY KEY) STRICT")
    try fixture.store.migrate([first, migration(2, "CREATE TABLE m2 (id TEXT PRIMARY KEY) STRICT")])
    let error = #expect(throws: StartError.self) { try fixture.store.migrate([first]) }
    #expect(error?.description.contains("older than the database") == true)
  }

  @Test func aFailingOneLeavesNothing() throws {
    let fixture = try Fixture()
    #expect(throws: StartError.self) {
      try fixture.store.migrate([migration(1, "CREATE TABLE half (id TEXT PRIMARY KEY) STRICT; nonsense")])
    }
    #expect(throws: SQLError.self) {
      try fixture.store.read { try $0.first("SELECT 1 FROM half") { try $0[0] as Int } }
    }
  }

  @Test func keepsTheRecordsOfEarlierCalls() async throws {
    let path = FileManager.default.temporaryDirectory.path + "/store-test-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    do {
      let limits = StoreLimits()
      let connection = try Connection(path: path + "/millrace.db", access: .readWrite, limits: limits)
      try Migrator(connection: connection, now: .now()).run(Array(Migration.store.prefix(2)))
      for id in ["a", "b"] {
        try connection.execute(
          """
          INSERT INTO store_requests (request_id, caller, method, is_sealed, request, reply, at)
          VALUES (?1, 'users/1', '/test.Orders/Create', FALSE, ?2, ?3, 7)
          """, id, Order("asked \(id)").serializedBytes(deterministic: true), Order("made \(id)").serializedBytes())
      }
    }
    let store = try Store(path: path, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    defer { store.close() }
    let caller = Caller(subject: "users/1", method: "/test.Orders/Create")
    for id in ["a", "b"] {
      let reply = try await Work(store).perform(Order("asked \(id)"), requestId: id, as: caller) { _ in Order("again") }
      #expect(reply == Order("made \(id)"))
    }
    let columns = try store.read {
      try $0.query("SELECT is_sealed, at FROM store_requests") { (try $0[0] as Bool, try $0[1] as Int64) }
    }
    #expect(columns.map(\.0) == [false, false] && columns.map(\.1) == [7, 7])
  }
}
