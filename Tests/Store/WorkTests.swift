import RPC
import Testing

@testable import Store

@Suite struct WorkTests {
  @Test(arguments: [Retention.plain, .sealed])
  func aRepeatedRequestGetsTheSameReply(_ retention: Retention) async throws {
    let fixture = try Fixture()
    let request = Order("a", amount: Amount("CNY", 1))
    var replies: Set<Order> = []
    for _ in 0..<3 {
      replies.insert(
        try await fixture.work.perform(request, requestId: "r1", as: fixture.caller, retention: retention) { unit in
          try unit.connection.execute("INSERT INTO orders VALUES (?1, ?2)", unit.newId(), 1)
          return Order(unit.newId())
        })
    }
    #expect(replies.count == 1)
    #expect(try fixture.count("orders") == 1)

    let error = await rpcError {
      _ = try await fixture.work.perform(
        Order("a", amount: Amount("CNY", 2)), requestId: "r1", as: fixture.caller, retention: retention
      ) { _ in Order("never") }
    }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.reason == "IDEMPOTENCY_MISMATCH")
    #expect(error?.metadata["field"] == "amount.minor_units")
    #expect(try fixture.count("orders") == 1)
  }

  @Test func sealedRecordsHoldNothingReadable() async throws {
    let fixture = try Fixture()
    _ = try await fixture.work.perform(
      Order("the secret"), requestId: "r", as: fixture.caller, retention: .sealed
    ) { _ in Order("the token") }
    let (request, reply) = try #require(
      try fixture.store.read {
        try $0.first("SELECT request, reply FROM store_requests") { (try $0[0] as [UInt8], try $0[1] as [UInt8]) }
      })
    #expect(!String(decoding: request, as: UTF8.self).contains("secret"))
    #expect(!String(decoding: reply, as: UTF8.self).contains("token"))
  }

  @Test func requestIdsBelongToCallerAndMethod() async throws {
    let fixture = try Fixture()
    let callers = [
      Caller(subject: "users/1", method: "/m"), Caller(subject: "users/2", method: "/m"),
      Caller(subject: "users/1", method: "/n"),
    ]
    for caller in callers {
      _ = try await fixture.work.perform(Order("a"), requestId: "same", as: caller) { unit in
        try unit.connection.execute("INSERT INTO orders VALUES (?1, 0)", unit.newId())
        return Order()
      }
    }
    for _ in 0..<2 { try await fixture.create("\(try fixture.count("orders"))") }
    #expect(try fixture.count("orders") == 5)
    #expect(try fixture.count("store_requests") == 3)
    let long = String(repeating: "x", count: 129)
    #expect(await rpcError { try await fixture.create("x", requestId: long) }?.code == .invalidArgument)
  }

  @Test func theSameRequestAtOnceHappensOnce() async throws {
    let fixture = try Fixture()
    let replies = try await withThrowingTaskGroup(of: Order.self) { group in
      for _ in 0..<64 { group.addTask { try await fixture.create("a", requestId: "r") } }
      return try await group.reduce(into: Set<Order>()) { $0.insert($1) }
    }
    #expect(replies.count == 1)
    #expect(try fixture.count("orders") == 1)
  }

  @Test func aFailedUnitCanBeTriedAgain() async throws {
    let fixture = try Fixture()
    await #expect(throws: SQLError.self) { try await fixture.create("a", -1, requestId: "r") }
    #expect(try fixture.count("store_events") == 0)
    #expect(try fixture.count("store_audit") == 0)
    try await fixture.create("a", 1, requestId: "r")
    #expect(try fixture.count("orders") == 1)
  }

  @Test func aPreviewLeavesNothing() async throws {
    let fixture = try Fixture()
    let reply = try await fixture.work.preview(as: fixture.caller) { unit in
      try unit.connection.execute("INSERT INTO orders VALUES ('a', 1)")
      try unit.emit(topic: "orders", subject: "orders/a", payload: Order())
      return Order("seen")
    }
    #expect(reply.name == "seen")
    #expect(try fixture.count("orders") == 0)
    #expect(try fixture.count("store_events") == 0)
    #expect(fixture.store.events.head == 0)
  }

  @Test func handlersRunInTheSameUnit() async throws {
    let fixture = try Fixture()
    fixture.work.onEvent(topic: "orders") { event, unit in
      let order: Order = try event.decoded()
      try unit.connection.execute("INSERT INTO orders VALUES (?1, 0)", "copy of " + order.name)
      try unit.emit(topic: "copies", subject: event.subject, payload: order)
    }
    fixture.work.onEvent(topic: "loop") { event, unit in
      try unit.emit(topic: "loop", subject: event.subject, payload: Order())
    }
    try await fixture.create("a")
    #expect(try fixture.count("orders") == 2)
    #expect(fixture.store.events.head == 2)
    await #expect(throws: EventLoopError.self) {
      try await fixture.work.run(as: "system/test") { unit in
        try unit.emit(topic: "loop", subject: "x", payload: Order())
      }
    }
    #expect(fixture.store.events.head == 2)
  }

  @Test func idsAreVersionSevenAndGrow() {
    let ids = IDGenerator()
    // RFC 9562, appendix A.6: 0x017F22E279B0 milliseconds is 2022-02-22 19:22:22 GMT.
    let time = Timestamp(microseconds: 0x017F_22E2_79B0 * 1_000)
    let made = (0..<5_000).map { _ in ids.next(at: time) }
    #expect(made[0].hasPrefix("017f22e2-79b0-7000-"))
    #expect(made == made.sorted())
    #expect(Set(made).count == made.count)
    #expect(made.allSatisfy { $0.count == 36 && $0.dropFirst(14).first == "7" })
    #expect(made.allSatisfy { "89ab".contains($0.dropFirst(19).first ?? "x") })
  }

  @Test func theBusinessDateIsClosedExplicitly() async throws {
    let fixture = try Fixture()
    let today = try fixture.store.businessDate()
    #expect(today == BusinessDate(Timestamp.now()))
    let next = try #require(BusinessDate(year: 9_999, month: 12, day: 31))
    try await fixture.work.run(as: "system/close") { try $0.closeBusinessDay(next: next) }
    #expect(try fixture.store.businessDate() == next)
    let error = await rpcError {
      try await fixture.work.run(as: "system/close") { try $0.closeBusinessDay(next: today) }
    }
    #expect(error?.code == .failedPrecondition)
  }

  @Test func datesFollowTheCalendar() {
    #expect(BusinessDate("2024-02-29") != nil)
    #expect(BusinessDate("2023-02-29") == nil)
    #expect(BusinessDate("1900-02-29") == nil)
    #expect(BusinessDate("2000-02-29") != nil)
    #expect(BusinessDate("2024-2-29") == nil)
    #expect(BusinessDate("2024-02-29x") == nil)
    #expect(BusinessDate(Timestamp(microseconds: 0))?.description == "1970-01-01")
    #expect(BusinessDate(Timestamp(microseconds: -1))?.description == "1969-12-31")
    #expect(BusinessDate(Timestamp(microseconds: 951_782_400_000_000))?.description == "2000-02-29")
    #expect(BusinessDate(Timestamp(microseconds: 951_868_800_000_000))?.description == "2000-03-01")
  }
}
