import Foundation
import Logging
import RPC
import Synchronization

@testable import Store

/// A store in a directory of its own, with one table, gone after the test.
final class Fixture: Sendable {
  static let orders = Migration(
    set: "orders", number: 1, name: "orders",
    sql: "CREATE TABLE orders (id TEXT NOT NULL PRIMARY KEY, amount INTEGER NOT NULL CHECK (amount >= 0)) STRICT;")

  let path: String
  let store: Store
  let work: Work
  let caller = Caller(subject: "users/1", method: "/test.Orders/Create")

  init(limits: StoreLimits = StoreLimits()) throws {
    path = FileManager.default.temporaryDirectory.path + "/store-test-" + UUID().uuidString
    store = try Store(path: path, limits: limits, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try store.migrate([Self.orders])
    work = Work(store)
  }

  deinit {
    store.close()
    try? FileManager.default.removeItem(atPath: path)
  }

  /// A connection beside the store's, as another process would have.
  func otherConnection() throws -> Connection {
    try Connection(path: path + "/millrace.db", access: .readWrite, limits: store.limits)
  }

  /// One order with its event and audit entry.
  @discardableResult
  func create(_ name: String, _ minorUnits: Int64 = 1, requestId: String = "", scope: String = "a") async throws
    -> Order
  {
    try await work.perform(Order(name, amount: Amount("CNY", minorUnits)), requestId: requestId, as: caller) { unit in
      try unit.connection.execute("INSERT INTO orders (id, amount) VALUES (?1, ?2)", name, minorUnits)
      try unit.emit(topic: "orders", subject: "orders/\(name)", scope: scope, payload: Order(name))
      try unit.audit(resource: "orders/\(name)", action: "create")
      return Order(unit.newId())
    }
  }

  func count(_ table: String) throws -> Int64 {
    try store.read { try $0.first("SELECT count(*) FROM \(table)") { try $0[0] as Int64 } ?? -1 }
  }
}

/// The error that `body` throws, as an RPCError.
func rpcError(_ body: () async throws -> Void) async -> RPCError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? RPCError
  }
}
