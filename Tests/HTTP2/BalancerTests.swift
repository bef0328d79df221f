import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RPC
import Testing

@testable import HTTP2

@Suite(.timeLimit(.minutes(1)))
struct BalancerTests {
  private static let method = TestService.Methods.echo

  /// Says who it is.
  private struct Named: Service {
    static let descriptor = ServiceDescriptor(name: "test.Test", methods: [])
    let name: String
    var methods: [ServiceMethod] {
      [
        .unary(BalancerTests.method) { (_: Request, _) in Reply(name: name) },
        .bidirectional(TestService.Methods.converse) {
          (requests: RequestStream<Request>, replies: ResponseStream<Reply>, _) in
          for try await _ in requests { try await replies.send(Reply(name: name)) }
        },
      ]
    }
  }

  private func serve(_ name: String, port: Int = 0) async throws -> (server: Server, port: Int) {
    let server = Server(router: try Router(services: [Named(name: name)]), logger: quiet, eventLoops: 1)
    return (server, try await server.start(port: port).port)
  }

  /// A port that nobody listens on.
  private func deadPort() async throws -> Int {
    let (server, port) = try await serve("")
    await server.shutdown(grace: .zero)
    return port
  }

  private func quickly() -> Backoff { Backoff(initial: .milliseconds(50), multiplier: 1, longest: .milliseconds(50)) }

  private func channel(
    _ ports: [Int],
    _ policy: ServiceConfig.LoadBalancing = .roundRobin,
    backoff: Backoff? = nil,
    limits: ClientLimits = ClientLimits()
  ) throws -> HTTP2Channel {
    var config = ServiceConfig()
    config.loadBalancing = policy
    let target = "ipv4:" + ports.map { "127.0.0.1:\($0)" }.joined(separator: ",")
    return try HTTP2Channel(Target(target), serviceConfig: config, backoff: backoff ?? quickly(), limits: limits)
  }

  /// Who answers a call.
  private func call(_ channel: HTTP2Channel) async throws -> String {
    let reply: Reply = try await channel.unary(Self.method, Request(), options: CallOptions(waitsForReady: true))
    return reply.name
  }

  /// Calls until so many have answered, and gives their names.
  private func names(_ channel: HTTP2Channel, count: Int) async throws -> Set<String> {
    var names: Set<String> = []
    for _ in 0..<2_000 where names.count < count { names.insert(try await call(channel)) }
    return names
  }

  @Test func callsGoToTheFirstThatAnswers() async throws {
    let (first, firstPort) = try await serve("first")
    let (second, secondPort) = try await serve("second")
    let channel = try channel([await deadPort(), firstPort, secondPort], .pickFirst)
    for _ in 0..<5 { #expect(try await call(channel) == "first") }
    await first.shutdown(grace: .zero)
    #expect(try await call(channel) == "second")
    await second.shutdown(grace: .zero)
    let error = await failure { try await channel.unary(Self.method, Request()) as Reply }
    #expect(error?.code == .unavailable)
    await channel.close()
  }

  /// The next address is tried though the one before says neither yes nor no.
  @Test func anAddressThatDoesNotAnswerIsNotWaitedFor() async throws {
    let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let (server, port) = try await serve("second")
    var limits = ClientLimits()
    limits.connectStaggerMilliseconds = 20
    let channel = try channel([try #require(silent.localAddress?.port), port], .pickFirst, limits: limits)
    #expect(try await call(channel) == "second")
    await channel.close()
    await server.shutdown(grace: .zero)
    try await silent.close()
  }

  @Test func aConnectionThatDoesNotComeAboutIsGivenUp() async throws {
    let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    var limits = ClientLimits()
    limits.connectTimeoutSeconds = 1
    let channel = try channel([try #require(silent.localAddress?.port)], limits: limits)
    let error = await failure { try await channel.unary(Self.method, Request()) as Reply }
    #expect(error?.code == .unavailable)
    await channel.close()
    try await silent.close()
  }

  @Test func callsAreSpread() async throws {
    let (first, firstPort) = try await serve("first")
    let (second, secondPort) = try await serve("second")
    let channel = try channel([firstPort, secondPort])
    #expect(try await names(channel, count: 2) == ["first", "second"])
    var counts: [String: Int] = [:]
    for _ in 0..<20 { counts[try await call(channel), default: 0] += 1 }
    #expect(counts == ["first": 10, "second": 10])
    await channel.close()
    await first.shutdown(grace: .zero)
    await second.shutdown(grace: .zero)
  }

  @Test func oneThatFailsIsPassedOverUntilItIsBack() async throws {
    let (first, firstPort) = try await serve("first")
    let (second, secondPort) = try await serve("second")
    let channel = try channel([firstPort, secondPort])
    #expect(try await names(channel, count: 2).count == 2)
    await first.shutdown(grace: .zero)
    for _ in 0..<10 { #expect(try await call(channel) == "second") }
    let (again, _) = try await serve("again", port: firstPort)
    // Nobody asks for it: it is connected to as soon as its wait is over.
    var isBack = false
    for _ in 0..<400 where !isBack {
      isBack = try await call(channel) == "again"
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(isBack)
    await channel.close()
    await again.shutdown(grace: .zero)
    await second.shutdown(grace: .zero)
  }

  @Test func withoutAnyServerCallsFailAndWaitingOnesWait() async throws {
    let ports = [try await deadPort(), try await deadPort()]
    let channel = try channel(ports)
    let error = await failure { try await channel.unary(Self.method, Request()) as Reply }
    #expect(error?.code == .unavailable)
    let waiting = Task { try await call(channel) }
    try await Task.sleep(for: .milliseconds(50))
    let (server, _) = try await serve("late", port: ports[1])
    #expect(try await waiting.value == "late")
    await channel.close()
    await server.shutdown(grace: .zero)
  }

  @Test(arguments: [ServiceConfig.LoadBalancing.pickFirst, .roundRobin])
  func aNameIsResolvedAgainWhenAServerIsLost(_ policy: ServiceConfig.LoadBalancing) async throws {
    let (first, firstPort) = try await serve("first")
    let (second, secondPort) = try await serve("second")
    let port = NIOLockedValueBox(firstPort)
    let resolver = Resolver { loop in
      loop.makeCompletedFuture { [try SocketAddress(ipAddress: "127.0.0.1", port: port.withLockedValue { $0 })] }
    }
    var limits = ClientLimits()
    limits.minResolutionIntervalSeconds = 0
    let executor = LoopExecutor(MultiThreadedEventLoopGroup.singleton.next())
    let connector = try Connector(Target("servers:1"), tls: nil, limits: limits, logger: quiet, executor: executor)
    var config = ServiceConfig()
    config.loadBalancing = policy
    let channel = HTTP2Channel(connector, resolver, config, quickly())
    #expect(try await call(channel) == "first")
    port.withLockedValue { $0 = secondPort }
    await first.shutdown(grace: .zero)
    #expect(try await call(channel) == "second")
    await channel.close()
    await second.shutdown(grace: .zero)
  }

  @Test func aNameThatHasNoAddressesIsUnavailable() async throws {
    let channel = try HTTP2Channel(Target("dns:///no-such-host.invalid:1"))
    for _ in 0..<2 {
      let error = await failure { try await channel.unary(Self.method, Request()) as Reply }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("resolved") == true)
    }
    await channel.close()
  }

  @Test func aNameAndASocketAreCalled() async throws {
    let (server, port) = try await serve("by name")
    let byName = try HTTP2Channel(Target("dns:///localhost:\(port)"))
    #expect(try await call(byName) == "by name")
    await byName.close()
    await server.shutdown(grace: .zero)

    let path = "/tmp/millrace-test-\(UInt64.random(in: 0 ... .max)).sock"
    let local = Server(router: try Router(services: [Named(name: "by path")]), logger: quiet, eventLoops: 1)
    try await local.start(unixSocket: path)
    let byPath = try HTTP2Channel(Target("unix:\(path)"))
    #expect(try await call(byPath) == "by path")
    await byPath.close()
    await local.shutdown(grace: .zero)
  }

  /// What runs on a connection whose address is gone goes on; new calls go elsewhere.
  @Test func callsGoOnWhereTheyAre() async throws {
    let (first, firstPort) = try await serve("first")
    let (second, secondPort) = try await serve("second")
    let channel = try channel([firstPort, secondPort])
    #expect(try await names(channel, count: 2).count == 2)
    let calls: [BidirectionalCall<Request, Reply>] = [
      try await channel.bidirectional(TestService.Methods.converse),
      try await channel.bidirectional(TestService.Methods.converse),
    ]
    for call in calls { try await call.send(Request()) }
    // The server lets calls end that have begun.
    async let stopped: Void = first.shutdown(grace: .seconds(10))
    var isLeft = false
    for _ in 0..<2_000 where !isLeft { isLeft = try await (call(channel), call(channel)) == ("second", "second") }
    #expect(isLeft)
    for call in calls {
      call.finishSending()
      var replies = 0
      for try await _ in call.responses { replies += 1 }
      #expect(replies == 1)
    }
    await stopped
    await channel.close()
    await second.shutdown(grace: .zero)
  }
}
