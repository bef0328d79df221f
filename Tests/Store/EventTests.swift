import RPC
import Testing

@testable import Store

@Suite(.timeLimit(.minutes(2))) struct EventTests {
  private func take(_ count: Int, _ events: Events) async throws -> [Int64] {
    var sequences: [Int64] = []
    for try await event in events {
      sequences.append(event.sequence)
      if sequences.count == count { break }
    }
    return sequences
  }

  @Test(arguments: [8_192, 4])
  func resumesFromTheMiddleWhileOthersWrite(_ ringCount: Int) async throws {
    var limits = StoreLimits()
    limits.eventRingCount = ringCount
    limits.replayPageCount = 16
    let fixture = try Fixture(limits: limits)
    for index in 0..<100 { try await fixture.create("before-\(index)") }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask { for index in 0..<50 { try await fixture.create("\(writer)-\(index)") } }
      }
      for start in [Int64(0), 37, 99, 100] {
        group.addTask {
          let events = fixture.store.events.subscribe(EventFilter(topic: "orders"), after: start)
          let sequences = try await take(500 - Int(start), events)
          #expect(sequences == Array(start + 1...500))
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func aStoreThatWasReopenedReplaysFromTheTable() async throws {
    var limits = StoreLimits()
    limits.eventRingBytes = 1
    let fixture = try Fixture(limits: limits)
    for index in 0..<10 { try await fixture.create("\(index)") }
    let events = fixture.store.events.subscribe(EventFilter(topic: "orders"), after: 0)
    #expect(try await take(10, events) == Array(1...10))
  }

  @Test func filtersByTopicScopeAndSubject() async throws {
    let fixture = try Fixture()
    for index in 0..<20 { try await fixture.create("\(index)", scope: index.isMultiple(of: 2) ? "even" : "odd") }
    let log = fixture.store.events
    #expect(try await take(3, log.subscribe(EventFilter(topic: "orders", scope: "odd"), after: 4)) == [6, 8, 10])
    #expect(try await take(1, log.subscribe(EventFilter(topic: "orders", subject: "orders/7"), after: 0)) == [8])
    let none = Task { try await take(1, log.subscribe(EventFilter(topic: "other"), after: 0)) }
    try await fixture.create("last")
    none.cancel()
    #expect(try await none.value.isEmpty)
  }

  @Test func sleepersWakeOnlyForTheirEvents() async throws {
    let fixture = try Fixture()
    let log = fixture.store.events
    let watches = (0..<2_000).map { index in
      Task { try await take(1, log.subscribe(EventFilter(topic: "orders", subject: "orders/\(index)"), after: 0)) }
    }
    while log.sleeperCount < 2_000 { try await Task.sleep(for: .milliseconds(2)) }
    try await fixture.create("1234")
    #expect(try await watches[1_234].value == [1])
    #expect(log.sleeperCount == 1_999)
    for watch in watches { watch.cancel() }
    for (index, watch) in watches.enumerated() where index != 1_234 { #expect(try await watch.value.isEmpty) }
    #expect(log.sleeperCount == 0)
  }

  @Test func nilStartsWithWhatComes() async throws {
    let fixture = try Fixture()
    try await fixture.create("before")
    let events = fixture.store.events.subscribe(EventFilter(topic: "orders"), after: nil)
    try await fixture.create("after")
    #expect(try await take(1, events) == [2])
  }

  @Test func closingEndsWatches() async throws {
    let fixture = try Fixture()
    let log = fixture.store.events
    let watch = Task { try await take(1, log.subscribe(EventFilter(topic: "orders"), after: 0)) }
    while log.sleeperCount < 1 { try await Task.sleep(for: .milliseconds(2)) }
    fixture.store.close()
    #expect(try await watch.value.isEmpty)
  }

  @Test func payloadsCanHoldTheirResumeToken() async throws {
    let fixture = try Fixture()
    let sequence = try await fixture.work.run(as: "system/test") { unit in
      try unit.emit(topic: "orders", subject: "orders/a") { Order(ResumeToken.token($0)) }
    }
    var iterator = fixture.store.events.subscribe(EventFilter(topic: "orders"), after: 0).makeAsyncIterator()
    let event = try #require(try await iterator.next())
    #expect(try event.decoded(as: Order.self).name == "1")
    #expect(event.type == "test.Order")
    #expect(try ResumeToken.position("1", head: sequence) == 1)
    #expect(try ResumeToken.position("", head: 9) == nil)
    for bad in ["x", "-1", "10", "01", "9223372036854775808", "+1"] {
      #expect(throws: RPCError.self) { try ResumeToken.position(bad, head: 9) }
    }
  }
}
