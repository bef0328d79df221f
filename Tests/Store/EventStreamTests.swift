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
    var methods: [ServiceMethod] {
      [
        .serverStreaming(Orders.method) { (request: Order, events: ResponseStream<Order>, _) in
          try await log.stream(EventFilter(topic: "orders"), after: Int64(request.name), to: events) { event in
            if event.scope == "broken" { throw RPCError.permissionDenied("not for you") }
            return event.scope != "hidden"
          }
        }
      ]
    }
  }

  private func watch(
    _ fixture: Fixture, after: Int64?, context: ServerContext = ServerContext()
  ) async throws -> ResponseSequence<Order> {
    let channel = InProcessChannel(router: try Router(services: [Orders(log: fixture.store.events)]), context: context)
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
    for index in 0..<100 { try await fixture.create("\(index)") }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for start in [0, 37, 99, 100] {
        group.addTask {
          let names = try await take(500 - start, watch(fixture, after: Int64(start)))
          #expect(names == (start..<500).map(String.init))
        }
      }
      group.addTask { for index in 100..<500 { try await fixture.create("\(index)") } }
      try await group.waitForAll()
    }
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

  @Test func aParkedCallStillCountsUntilItEnds() async throws {
    let fixture = try Fixture()
    let context = ServerContext()
    let events = try await watch(fixture, after: 0, context: context)
    try await untilParked(1, fixture)
    #expect(context.runningHandlerCount == 1)
    events.cancel()
    while fixture.store.events.followersCount > 0 || context.runningHandlerCount > 0 {
      try await Task.sleep(for: .milliseconds(2))
    }
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
}
