import RPC
import Testing

@testable import Store

@Suite struct WriterTests {
  struct Refused: Error {}

  @Test func concurrentCallersShareCommitsAndEventsHaveNoGaps() async throws {
    let fixture = try Fixture()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for caller in 0..<64 {
        group.addTask {
          for index in 0..<20 { try await fixture.create("\(caller)-\(index)", requestId: "\(caller)-\(index)") }
        }
      }
      try await group.waitForAll()
    }
    #expect(try fixture.count("orders") == 1_280)
    #expect(try fixture.count("store_requests") == 1_280)
    let sequences = try await fixture.store.scan {
      try $0.query("SELECT sequence FROM store_events ORDER BY sequence") { try $0[0] as Int64 }
    }
    #expect(sequences == Array(1...1_280))
    guard case .intact(let anchor) = try await fixture.store.verifyAuditChain() else {
      Issue.record("the audit chain is broken")
      return
    }
    #expect(anchor.sequence == 1_280)
  }

  @Test func oneOfABatchFailsAlone() async throws {
    let fixture = try Fixture()
    let results = await withTaskGroup(of: Bool.self) { group in
      for index in 0..<64 {
        group.addTask {
          do {
            _ = try await fixture.work.run(as: "system/test") { unit in
              try unit.connection.execute("INSERT INTO orders VALUES (?1, ?2)", "\(index)", index)
              try unit.emit(topic: "orders", subject: "orders/\(index)", payload: Order("\(index)"))
              try unit.audit(resource: "orders/\(index)", action: "create")
              if index.isMultiple(of: 7) { throw Refused() }
            }
            return true
          } catch {
            return !(error is Refused)
          }
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    // 0, 7, …, 63 are ten of the 64.
    #expect(results == 54)
    #expect(try fixture.count("orders") == 54)
    #expect(try fixture.count("store_events") == 54)
    #expect(fixture.store.events.head == 54)
    guard case .intact(let anchor) = try await fixture.store.verifyAuditChain() else {
      Issue.record("the audit chain is broken")
      return
    }
    #expect(anchor.sequence == 54)
  }

  @Test func whatACommitRefusesNobodyGets() async throws {
    let fixture = try Fixture()
    try fixture.store.migrate([
      Fixture.orders,
      Migration(
        set: "orders", number: 2, name: "lines",
        sql: """
          CREATE TABLE lines (
            id TEXT NOT NULL PRIMARY KEY, parent TEXT NOT NULL REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED
          ) STRICT;
          """),
    ])
    // A deferred constraint fails at COMMIT: the statement itself, and the savepoint, go through.
    let error = await rpcError {
      do {
        _ = try await fixture.store.write { try $0.execute("INSERT INTO lines VALUES ('x', 'nowhere')") }
      } catch let error as SQLError {
        #expect(error.kind == .foreignKey)
      }
    }
    #expect(error == nil)
    #expect(try fixture.count("lines") == 0)
    try await fixture.create("after")
    #expect(try fixture.count("orders") == 1)
  }

  @Test func aFullQueueRefuses() async throws {
    var limits = StoreLimits()
    limits.writerQueueCount = 1
    let fixture = try Fixture(limits: limits)
    // The lock keeps the writer busy with its first batch while others arrive.
    let other = try fixture.otherConnection()
    try other.execute("BEGIN IMMEDIATE")
    let codes = await withTaskGroup(of: StatusCode?.self) { group in
      for index in 0..<8 { group.addTask { await rpcError { try await fixture.create("\(index)") }?.code } }
      return await group.reduce(into: [StatusCode?]()) { $0.append($1) }
    }
    other.adopt()
    try other.execute("ROLLBACK")
    #expect(codes.contains(.resourceExhausted))
    #expect(codes.allSatisfy { $0 == .resourceExhausted || $0 == .unavailable })
    try await fixture.create("after")
  }

  @Test func anExpiredDeadlineDoesNotRun() async throws {
    let fixture = try Fixture()
    let late = Caller(subject: "users/1", deadline: Deadline(after: .zero))
    let error = await rpcError {
      _ = try await fixture.work.perform(Order("a"), requestId: "", as: late) { _ in Order("b") }
    }
    #expect(error?.code == .deadlineExceeded)
  }

  @Test func aClosedStoreRefuses() async throws {
    let fixture = try Fixture()
    fixture.store.close()
    fixture.store.close()
    #expect(await rpcError { try await fixture.create("a") }?.code == .unavailable)
  }
}
