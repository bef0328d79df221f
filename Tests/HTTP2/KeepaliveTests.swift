import HTTP2
import NIOConcurrencyHelpers
import RPC
import Testing

/// What gRPC's proposal A8 says of keepalive, with a second in place of ten.
@Suite(.timeLimit(.minutes(1)))
struct KeepaliveTests {
  private static let method = TestService.Methods.echo

  private func channel(_ server: RawServer, _ change: (inout ClientLimits) -> Void = { _ in }) throws -> HTTP2Channel {
    var limits = ClientLimits()
    limits.keepaliveIntervalSeconds = 1
    limits.minKeepaliveIntervalSeconds = 1
    limits.keepaliveTimeoutSeconds = 1
    change(&limits)
    return try HTTP2Channel(Target(host: "127.0.0.1", port: server.port), limits: limits, logger: quiet)
  }

  @Test func aServerThatIsGoneEndsItsCalls() async throws {
    let server = try await RawServer { _, _ in }
    let channel = try channel(server)
    let error = await failure { try await channel.unary(Self.method, Request()) as Reply }
    #expect(error?.code == .unavailable)
    await channel.close()
    await server.close()
  }

  @Test func aServerThatAnswersIsWaitedFor() async throws {
    let pings = NIOLockedValueBox(0)
    let server = try await RawServer { connection, frame in
      switch frame.kind {
      case .headers: connection.send(.response(frame.stream))
      case .ping:
        pings.withLockedValue { $0 += 1 }
        connection.send(RawFrame(kind: .ping, flags: RawFrame.acknowledgment, payload: frame.payload))
        // The second time is late enough for a connection that would not be kept.
        if pings.withLockedValue({ $0 }) == 2 { connection.send(.message(1, []), .trailers(1)) }
      default: break
      }
    }
    let channel = try channel(server)
    let reply: Reply = try await channel.unary(Self.method, Request())
    #expect(reply == Reply())
    await channel.close()
    await server.close()
  }

  /// While no call runs, nobody asks; unless that is wanted.
  @Test(arguments: [false, true])
  func whetherAnIdleConnectionAsks(_ withoutCalls: Bool) async throws {
    let pings = NIOLockedValueBox(0)
    let script = RawRequests().script { connection, stream, _ in connection.reply(stream) }
    let server = try await RawServer { connection, frame in
      if frame.kind == .ping { pings.withLockedValue { $0 += 1 } }
      script(connection, frame)
    }
    let channel = try channel(server) {
      $0.keepaliveWithoutCalls = withoutCalls
      $0.keepaliveTimeoutSeconds = 60
    }
    let _: Reply = try await channel.unary(Self.method, Request())
    try await Task.sleep(for: .milliseconds(3_500))
    #expect(pings.withLockedValue { $0 } == (withoutCalls ? 1 : 0))
    await channel.close()
    await server.close()
  }

  @Test func anIntervalHasALowerBound() async throws {
    let pings = NIOLockedValueBox(0)
    let server = try await RawServer { _, frame in
      if frame.kind == .ping { pings.withLockedValue { $0 += 1 } }
    }
    let channel = try channel(server) { $0.minKeepaliveIntervalSeconds = 3_600 }
    let options = CallOptions(timeout: .milliseconds(3_000))
    let error = await failure { try await channel.unary(Self.method, Request(), options: options) as Reply }
    #expect(error?.code == .deadlineExceeded)
    #expect(pings.withLockedValue { $0 } == 0)
    await channel.close()
    await server.close()
  }

  @Test func whoeverAsksTooOftenAsksHalfAsOften() async throws {
    let pings = NIOLockedValueBox<[Int]>([])
    let requests = RawRequests()
    let server = try await RawServer { connection, frame in
      let number = requests.note(connection, frame)
      if frame.kind == .ping { pings.withLockedValue { $0.append(connection.number) } }
      guard number != nil, frame.endsStream, connection.number < 3 else { return }
      connection.send(.goAway(frame.stream, 11, debug: "too_many_pings"))
      connection.reply(frame.stream)
    }
    // 1 s, after three times 8 s, which no call waits for.
    let channel = try channel(server)
    for _ in 0..<3 { let _: Reply = try await channel.unary(Self.method, Request()) }
    let options = CallOptions(timeout: .milliseconds(4_000))
    let error = await failure { try await channel.unary(Self.method, Request(), options: options) as Reply }
    #expect(error?.code == .deadlineExceeded)
    #expect(requests.connections == [0, 1, 2, 3])
    #expect(pings.withLockedValue { $0 } == [])
    await channel.close()
    await server.close()
  }

  @Test(arguments: [ServiceConfig.LoadBalancing.pickFirst, .roundRobin])
  func aConnectionWithoutCallsIsClosedAndMadeAgain(_ policy: ServiceConfig.LoadBalancing) async throws {
    let requests = RawRequests()
    let server = try await RawServer(requests.script { connection, stream, _ in connection.reply(stream) })
    var limits = ClientLimits()
    limits.idleTimeoutSeconds = 1
    var config = ServiceConfig()
    config.loadBalancing = policy
    let channel = try HTTP2Channel(
      Target(host: "127.0.0.1", port: server.port), serviceConfig: config, limits: limits)
    let _: Reply = try await channel.unary(Self.method, Request())
    var isClosed = false
    for _ in 0..<5 where !isClosed { isClosed = await eventually { server.connectionCount == 0 } }
    #expect(isClosed)
    let _: Reply = try await channel.unary(Self.method, Request())
    #expect(requests.connections == [0, 1])
    await channel.close()
    await server.close()
  }
}
