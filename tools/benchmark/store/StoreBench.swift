import Logging
import Protobuf
import RPC
import Store

/// Measures durable units of work: one insert, one event, one audit entry, one idempotency record each.
@main
enum StoreBench {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let callers = Int(arguments[2]), let units = Int(arguments[3]) else {
      print("usage: bench-store <data directory> <concurrent callers> <units>")
      return
    }
    let store = try Store(path: arguments[1], logger: Logger(label: "bench"))
    try store.migrate([
      Migration(
        set: "bench", number: 1, name: "applications",
        sql: """
          CREATE TABLE applications (
            id TEXT NOT NULL PRIMARY KEY, enterprise TEXT NOT NULL, amount INTEGER NOT NULL, term INTEGER NOT NULL,
            purpose TEXT NOT NULL, mode TEXT NOT NULL, state INTEGER NOT NULL, payload BLOB NOT NULL
          ) STRICT;
          CREATE INDEX applications_by_enterprise ON applications (enterprise);
          """)
    ])
    let work = Work(store)
    let clock = ContinuousClock()
    let time = try await clock.measure {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for caller in 0..<callers {
          group.addTask { try await run(work, caller: caller, units: units / callers) }
        }
        try await group.waitForAll()
      }
    }
    report("\(callers) callers", units, time)

    let ids = try await store.scan { try $0.query("SELECT id FROM applications LIMIT 50000") { try $0[0] as String } }
    let reads = try clock.measure {
      for id in ids {
        _ = try store.read { connection in
          try connection.first("SELECT amount FROM applications WHERE id = ?1", id) { try $0[0] as Int64 }
        }
      }
    }
    report("point reads", ids.count, reads)
    print(try await store.verifyAuditChain())
    store.close()
  }

  static func run(_ work: Work, caller: Int, units: Int) async throws {
    let subject = Caller(subject: "users/\(caller)", method: "/bench.v1.Bench/Submit")
    var random = SystemRandomNumberGenerator()
    let payload = [UInt8](repeating: 7, count: 200)
    for index in 0..<units {
      let request = Order("request \(caller) \(index)", amount: Amount("CNY", 500_000))
      let requestId = "\(random.next())-4000-8000-\(index)"
      _ = try await work.perform(request, requestId: requestId, as: subject) { unit in
        let id = unit.newId()
        try unit.connection.execute(
          "INSERT INTO applications VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
          id, "enterprises/\(caller)", 500_000, 12, "working capital", "equal", 1, payload)
        try unit.emit(
          topic: "applications", subject: "applications/\(id)", scope: "enterprises/\(caller)", payload: request)
        try unit.audit(resource: "applications/\(id)", action: "submit")
        return Order(id)
      }
    }
  }

  static func report(_ name: String, _ count: Int, _ time: Duration) {
    let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    print("\(name): \(Int(Double(count) / seconds)) a second, \(Int(seconds * 1e9 / Double(count))) ns each")
  }
}
