import Testing

@testable import RPC

/// Whose handler runs next.
struct HandlerRoundTests {
  /// Calls of several connections, told apart by their numbers: the tens are the connection's.
  private struct Bed {
    let context = ServerContext()
    let router: Router

    init() throws { router = try Router(services: [InterceptorTests.Echo(log: InterceptorTests.Log())]) }

    func connection() -> ConnectionInfo {
      ConnectionInfo(context: context, peer: Peer(address: "in-process"))
    }

    func calls(_ count: Int, of connection: ConnectionInfo) throws -> [Call] {
      let path = Array(InterceptorTests.Echo.method.path.utf8)
      let found = router.endpoint(path: path.span)
      let endpoint = try #require(found)
      return (0..<count).map { number in
        Call(
          endpoint: endpoint, connection: connection, loop: NoLoop(), transport: NoTransport(), number: UInt64(number),
          metadata: Metadata(), deadline: nil)
      }
    }
  }

  private final class NoLoop: CallLoop {
    var isCurrent: Bool { true }
    var handlers: HandlerRunner { HandlerRunner(loop: self) }
    func execute(_ work: @escaping @Sendable () -> Void) {}
    func yield(_ work: @escaping @Sendable () -> Void) {}
    func enqueue(_ job: consuming ExecutorJob) {}
  }

  private final class NoTransport: ServerTransport {
    var queuedBytes: Int { 0 }
    func sendHeaders(_ metadata: Metadata?, compression: Compression) {}
    func enqueue(_ message: UnsafeRawBufferPointer, isCompressed: Bool) {}
    func finish(_ error: RPCError?, trailers: Metadata?, requestEnded: Bool) {}
    func consume(_ byteCount: Int) {}
  }

  /// What the round gives, by connection, until it has no more.
  private func drain(_ round: inout HandlerRound, _ connections: [ConnectionInfo]) -> [Int] {
    var order: [Int] = []
    while let call = round.next() {
      order.append(connections.firstIndex { $0 === call.connection } ?? -1)
    }
    return order
  }

  @Test func oneConnectionGoesOnByItself() throws {
    let bed = try Bed()
    let connection = bed.connection()
    var round = HandlerRound()
    for call in try bed.calls(3, of: connection) { round.append(call, to: connection.lane) }
    #expect(drain(&round, [connection]) == [0, 0, 0])
    #expect(round.isEmpty)
  }

  @Test func connectionsTakeTurns() throws {
    let bed = try Bed()
    let connections = [bed.connection(), bed.connection(), bed.connection()]
    var round = HandlerRound()
    for (connection, count) in zip(connections, [4, 1, 2]) {
      for call in try bed.calls(count, of: connection) { round.append(call, to: connection.lane) }
    }
    #expect(drain(&round, connections) == [0, 1, 2, 0, 2, 0, 0])
  }

  /// A burst delays whoever comes later by one call.
  @Test func whoComesLaterIsNotLast() throws {
    let bed = try Bed()
    let (busy, other) = (bed.connection(), bed.connection())
    var round = HandlerRound()
    for call in try bed.calls(100, of: busy) { round.append(call, to: busy.lane) }
    #expect(round.next() != nil)
    for call in try bed.calls(1, of: other) { round.append(call, to: other.lane) }
    let order = drain(&round, [busy, other])
    #expect(order.firstIndex(of: 1) ?? .max <= 1)
    #expect(order.count == 100)
  }

  @Test func aBlockedConnectionWaits() throws {
    let bed = try Bed()
    let connections = [bed.connection(), bed.connection()]
    var round = HandlerRound()
    for connection in connections {
      for call in try bed.calls(2, of: connection) { round.append(call, to: connection.lane) }
    }
    connections[0].lane.block()
    #expect(drain(&round, connections) == [1, 1])
    for call in try bed.calls(1, of: connections[0]) { round.append(call, to: connections[0].lane) }
    #expect(round.next() == nil)
    round.unblock(connections[0].lane)
    #expect(drain(&round, connections) == [0, 0, 0])
  }

  @Test func aCallThatIsOverIsPassedOver() throws {
    let bed = try Bed()
    let connection = bed.connection()
    let calls = try bed.calls(3, of: connection)
    var round = HandlerRound()
    for call in calls { round.append(call, to: connection.lane) }
    connection.lane.remove(calls[1])
    #expect(round.next() === calls[0])
    #expect(round.next() === calls[2])
    #expect(round.next() == nil)
  }
}
