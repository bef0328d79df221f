import RPC
import Testing

@testable import Store

/// Events as the messages of calls, whose handlers return while the responses go on.
@Suite(.timeLimit(.minutes(2))) struct EventStreamTests {
  /// Streams the orders' events to whoever calls, after the number that the request's name says; none is from now on.
  struct Orders: Service {
    static let method = MethodDescriptor(service: "t.Orders", name: "Watch", kind: .serverStreaming, access: .public)
    static let descriptor = ServiceDescriptor(name: "t.Orders", methods: [method])
    let log: EventLog
    var filter = EventFilter(topic: "orders")
    var methods: [ServiceMethod] {
      [
        .serverStreaming(Orders.method) { (request: Order, events: ResponseStream<Order>, _) in
          try await log.stream(filter, after: Int64(request.name), to: events) { event in
            if event.scope == "broken" { throw RPCError.permissionDenied("not for you") }
            return event.scope != "hidden"
          }
        }
      ]
    }
  }

  private func watch(
    _ fixture: Fixture, _ filter: EventFilter = EventFilter(topic: "orders"), after: Int64?,
    context: ServerContext = ServerContext()
  ) async throws -> ResponseSequence<Order> {
    let orders = Orders(log: fixture.store.events, filter: filter)
    let channel = InProcessChannel(router: try Router(services: [orders]), context: context)
    return try await channel.serverStreaming(Orders.method, Order(after.map(String.init) ?? ""))
  }

  private func take(_ count: Int, _ events: ResponseSequence<Order>) async throws -> [String] {
    var names: [String] = []
    for try await order in events {
      names.append(order.name)
      if names.count == count { break }
    }
    return names
  }

  private func untilParked(_ count: Int, _ fixture: Fixture) async throws {
    while fixture.store.events.followersCount < count { try await Task.sleep(for: .milliseconds(2)) }
  }

  @Test(arguments: [8_192, 4])
  func nothingIsLostOrRepeatedWhileOthersWrite(_ ringCount: Int) async throws {
    var limits = StoreLimits()
    limits.eventRingCount = ringCount
    limits.replayPageCount = 16
    let fixture = try Fixture(limits: limits)
    for index in 0..<100 { try await fixture.create("before-\(index)") }
    let watches = [0, 37, 99, 100].map { start in
      Task { (start, try await take(500 - start, watch(fixture, after: Int64(start)))) }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask { for index in 0..<50 { try await fixture.create("\(writer)-\(index)") } }
      }
      try await group.waitForAll()
    }
    let stored = try fixture.store.read {
      try EventTable.page(EventFilter(topic: "orders"), after: 0, through: 500, $0)
    }
    #expect(stored.map(\.sequence) == Array(1...500) && stored.allSatisfy { $0.type == Order.protoName })
    let names = try stored.map { try $0.decoded(as: Order.self).name }
    for watch in watches {
      let (start, seen) = try await watch.value
      #expect(seen == Array(names.dropFirst(start)))
    }
  }

  @Test func whatTheRingDoesNotHoldComesFromTheTable() async throws {
    var limits = StoreLimits()
    limits.eventRingBytes = 1
    let fixture = try Fixture(limits: limits)
    for index in 0..<10 { try await fixture.create("\(index)") }
    #expect(try await take(10, watch(fixture, after: 0)) == (0..<10).map(String.init))
  }

  @Test func aWatchIsOfATopicAScopeOrASubject() async throws {
    let fixture = try Fixture()
    for index in 0..<20 { try await fixture.create("\(index)", scope: index.isMultiple(of: 2) ? "even" : "odd") }
    let odd = try await watch(fixture, EventFilter(topic: "orders", scope: "odd"), after: 4)
    #expect(try await take(3, odd) == ["5", "7", "9"])
    let seventh = try await watch(fixture, EventFilter(topic: "orders", subject: "orders/7"), after: 0)
    #expect(try await take(1, seventh) == ["7"])
    let none = try await watch(fixture, EventFilter(topic: "other"), after: 0)
    let both = try await watch(fixture, EventFilter(topic: "orders", scope: "odd", subject: "orders/last"), after: 20)
    try await untilParked(2, fixture)
    try await fixture.create("last", scope: "odd")
    #expect(try await take(1, both) == ["last"])
    fixture.store.close()
    #expect(try await take(1, none).isEmpty)
  }

  @Test func anEventReachesOnlyThoseWhoAskForIt() async throws {
    let fixture = try Fixture()
    var watches: [ResponseSequence<Order>] = []
    for index in 0..<200 {
      watches.append(try await watch(fixture, EventFilter(topic: "orders", subject: "orders/\(index)"), after: 0))
    }
    try await untilParked(200, fixture)
    try await fixture.create("123")
    #expect(try await take(1, watches[123]) == ["123"])
    fixture.store.close()
    for (index, watch) in watches.enumerated() where index != 123 { #expect(try await take(1, watch).isEmpty) }
    watches = []
    while fixture.store.events.followersCount > 0 { try await Task.sleep(for: .milliseconds(2)) }
  }

  @Test func aWatchOfWhatComesBeginsWithItsHeaders() async throws {
    let fixture = try Fixture()
    try await fixture.create("before")
    let events = try await watch(fixture, after: nil)
    _ = try await events.metadata
    try await fixture.create("hidden", scope: "hidden")
    try await fixture.create("after")
    #expect(try await take(1, events) == ["after"])
  }

  @Test func aParkedCallIsNotARunningHandler() async throws {
    let fixture = try Fixture()
    let context = ServerContext(maxRunningHandlers: 1)
    let events = try await watch(fixture, after: 0, context: context)
    try await untilParked(1, fixture)
    while context.runningHandlerCount > 0 { try await Task.sleep(for: .milliseconds(2)) }
    // It goes on, and others have room beside it.
    let other = try await watch(fixture, after: 0, context: context)
    try await fixture.create("news")
    #expect(try await take(1, events) == ["news"])
    #expect(try await take(1, other) == ["news"])
    events.cancel()
    other.cancel()
    while fixture.store.events.followersCount > 0 { try await Task.sleep(for: .milliseconds(2)) }
    #expect(context.runningHandlerCount == 0)
  }

  @Test func aSlowClientGetsAllInTheEnd() async throws {
    let fixture = try Fixture()
    let events = try await watch(fixture, after: 0, context: ServerContext(responseHighWaterBytes: 64))
    try await untilParked(1, fixture)
    for index in 0..<200 { try await fixture.create("\(index)") }
    // It has left the others, and waits for its client.
    #expect(fixture.store.events.followersCount == 0)
    #expect(try await take(200, events) == (0..<200).map(String.init))
  }

  @Test func whatAWatcherMayNotSeeEndsItsCallAlone() async throws {
    let fixture = try Fixture()
    let events = try await watch(fixture, after: 0)
    try await untilParked(1, fixture)
    try await fixture.create("x", scope: "broken")
    let error = await rpcError { _ = try await take(1, events) }
    #expect(error?.code == .permissionDenied)
  }

  @Test func closingTheStoreEndsTheResponse() async throws {
    let fixture = try Fixture()
    let events = try await watch(fixture, after: 0)
    try await untilParked(1, fixture)
    fixture.store.close()
    #expect(try await take(1, events).isEmpty)
  }

  @Test func payloadsCanHoldTheirResumeToken() async throws {
    let fixture = try Fixture()
    let sequence = try await fixture.work.run(as: "system/test") { unit in
      try unit.emit(topic: "orders", subject: "orders/a") { Order(ResumeToken.token($0)) }
    }
    #expect(try await take(1, watch(fixture, after: 0)) == ["1"])
    #expect(try ResumeToken.position("1", head: sequence) == 1)
    #expect(try ResumeToken.position("", head: 9) == nil)
    for bad in ["x", "-1", "10", "01", "9223372036854775808", "+1"] {
      #expect(throws: RPCError.self) { try ResumeToken.position(bad, head: 9) }
    }
  }
}
