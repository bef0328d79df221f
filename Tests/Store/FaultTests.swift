import RPC
import Testing

@testable import Store

@Suite struct FaultTests {
  @Test func aFullDiskIsUnavailableAndPasses() async throws {
    let fixture = try Fixture()
    try await fixture.create("before")
    // The limit on pages stands in for the disk: SQLite answers both with SQLITE_FULL.
    let pages = try await fixture.store.write { connection in
      let pages = try connection.first("PRAGMA page_count") { try $0[0] as Int64 } ?? 0
      _ = try connection.first("PRAGMA max_page_count = \(pages)") { try $0[0] as Int64 }
      return pages
    }
    var failures = 0
    for index in 0..<400 {
      guard let error = await rpcError({ try await fixture.create("full-\(index)") }) else { continue }
      failures += 1
      #expect(error.code == .unavailable)
      #expect(error.details.contains { $0.typeUrl.hasSuffix("google.rpc.RetryInfo") })
      if failures == 1 { break }
    }
    #expect(failures > 0)
    #expect(pages > 0)
    let stored = try fixture.count("orders")
    #expect(try fixture.count("store_events") == stored)
    #expect(fixture.store.events.head == stored)

    // The next batch opens a new connection, which has no such limit: the cause is gone.
    try await fixture.create("after")
    #expect(try fixture.count("orders") == stored + 1)
    #expect(fixture.store.events.head == stored + 1)
    guard case .intact = try await fixture.store.verifyAuditChain() else {
      Issue.record("the audit chain is broken")
      return
    }
  }

  @Test func aFullDiskThatStaysFullKeepsAnswering() async throws {
    var limits = StoreLimits()
    limits.databasePageCount = 60
    let fixture = try Fixture(limits: limits)
    let failures = await withTaskGroup(of: [StatusCode].self) { group in
      for caller in 0..<16 {
        group.addTask {
          var codes: [StatusCode] = []
          for index in 0..<100 {
            let name = "\(caller)-\(index)"
            if let error = await rpcError({ try await fixture.create(name, requestId: name) }) {
              codes.append(error.code)
            }
          }
          return codes
        }
      }
      return await group.reduce(into: [StatusCode]()) { $0 += $1 }
    }
    #expect(failures.allSatisfy { $0 == .unavailable })
    let stored = try fixture.count("orders")
    #expect(stored > 0)
    #expect(Int(stored) + failures.count == 1_600)
    #expect(!failures.isEmpty)
    #expect(try fixture.count("store_events") == stored)
    #expect(try fixture.count("store_audit") == stored)
    #expect(try fixture.count("store_requests") == stored)
  }

  @Test func aHeldLockIsUnavailableAndPasses() async throws {
    var limits = StoreLimits()
    limits.busyTimeoutMilliseconds = 20
    let fixture = try Fixture(limits: limits)
    let other = try fixture.otherConnection()
    try other.execute("BEGIN IMMEDIATE")
    #expect(await rpcError { try await fixture.create("locked") }?.code == .unavailable)
    #expect(try fixture.count("orders") == 0)
    other.adopt()
    try other.execute("ROLLBACK")
    try await fixture.create("free")
    #expect(try fixture.count("orders") == 1)
  }

  @Test func oneProcessServesADirectory() throws {
    let fixture = try Fixture()
    let error = #expect(throws: StartError.self) {
      try Store(path: fixture.path, logger: .init(label: "test"))
    }
    #expect(error?.description.contains("another process") == true)
  }

  @Test func whatWasAnsweredIsThereAfterAReopening() async throws {
    let fixture = try Fixture()
    try await fixture.create("a", requestId: "r")
    // Another process sees it before anything is closed: it is in the log on disk.
    let other = try fixture.otherConnection()
    #expect(try other.first("SELECT count(*) FROM orders") { try $0[0] as Int } == 1)
  }
}
