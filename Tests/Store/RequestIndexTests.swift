import Foundation
import Logging
import TestSupport
import Testing

@testable import Store

/// Records of requests are found wherever they are: in the open transaction, in memory, in the database's index, and
/// after a start.
@Suite struct RequestIndexTests {
  private static let caller = Caller(subject: "users/1", method: "/test.Orders/Create")

  private let path = FileManager.default.temporaryDirectory.path + "/store-test-" + UUID().uuidString

  private func open(unindexedRequestCount: Int) throws -> Store {
    var limits = StoreLimits()
    limits.unindexedRequestCount = unindexedRequestCount
    return try Store(path: path, limits: limits, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  @Test(arguments: [0, 1, 40, 100_000])
  func everyRequestHappensOnce(unindexedRequestCount: Int) async throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    var random = Seeded(UInt64(unindexedRequestCount) + 1)
    var replies: [String: Order] = [:]
    for _ in 0..<4 {
      let store = try open(unindexedRequestCount: unindexedRequestCount)
      let work = Work(store)
      for _ in 0..<12 {
        // New ones, repeated ones, and such as fail after they were recorded in the same batch as others.
        let ids = (0..<20).map { _ in "request \(Int.random(in: 0..<600, using: &random))" }
        let outcomes = try await withThrowingTaskGroup(of: (String, Order?).self) { group in
          for id in Set(ids) {
            group.addTask {
              let reply = try? await work.perform(Order(id), requestId: id, as: Self.caller) { unit in
                try unit.audit(resource: id, action: "create")
                if id.hasSuffix("3") { throw Refused() }
                return Order(unit.newId())
              }
              return (id, reply)
            }
          }
          return try await group.reduce(into: [(String, Order?)]()) { $0.append($1) }
        }
        for (id, reply) in outcomes {
          #expect(id.hasSuffix("3") == (reply == nil))
          if let known = replies[id] { #expect(reply == known) }
          replies[id] = reply
        }
      }
      let count = try store.read { try $0.first("SELECT count(*) FROM store_requests") { try $0[0] as Int } }
      #expect(count == replies.count)
      let unindexed = try store.read { connection in
        try RequestTable.keys(after: RequestTable.indexedThrough(connection), connection).count
      }
      // What a start reads: what is in memory, and what came in while it went to the database.
      #expect(unindexed <= 2 * unindexedRequestCount + 64)
      store.close()
    }
  }

  @Test func whatTheDatabaseHasTakenInIsNotBroughtAgain() async throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let store = try open(unindexedRequestCount: 1_000)
    let work = Work(store)
    for number in 0..<200 {
      _ = try await work.perform(Order("\(number)"), requestId: "\(number)", as: Self.caller) { _ in Order("") }
    }
    store.close()
    // As after a start with a lower limit: there is too much in memory, and a transaction that records no request.
    let connection = try Connection(path: path + "/millrace.db", access: .readWrite, limits: StoreLimits())
    let index = try RequestIndex(limit: 10, connection)
    try connection.execute("BEGIN IMMEDIATE")
    #expect(try index.makeRoom(for: 0, connection) > 0)
    try WriteTransaction(connection, index).commit()
    try connection.execute("BEGIN IMMEDIATE")
    #expect(try index.makeRoom(for: 0, connection) == 0)
    try connection.execute("ROLLBACK")
  }

  @Test func recordsWithTheSameKeyAreToldApart() async throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let identities = (0..<9).map { RequestIdentity(requestId: "\($0)", caller: "c", method: "m", key: 7) }
    for round in 0..<3 {
      let store = try open(unindexedRequestCount: round)
      for identity in identities[(round * 3)..<(round * 3 + 3)] {
        try await store.writer.perform { transaction in
          let reply = Array(identity.requestId.utf8)
          let stored = StoredRequest(isSealed: false, request: [], reply: reply, at: Timestamp(microseconds: 1))
          try transaction.append(stored, of: identity)
        }
        try await store.writer.perform { transaction in
          for (index, known) in identities.enumerated() {
            let found = try transaction.record(of: known)
            #expect(found?.reply == (index <= Int(identity.requestId) ?? 0 ? Array(known.requestId.utf8) : nil))
          }
        }
      }
      store.close()
    }
  }
}

private struct Refused: Error {}
