import BenchContract
import HTTP2
import NIOCore
import NIOPosix
import RPC
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ChannelTests {
  private static let method = TestService.Methods.echo

  /// A port that nobody listens on.
  private func freePort() async throws -> Int {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(
      host: "127.0.0.1", port: 0
    )
    .get()
    let port = channel.localAddress?.port ?? 0
    try await channel.close()
    return port
  }

  private func serve(port: Int) async throws -> Server {
    let server = Server(
      router: try Router(services: [TestService(observed: TestService.Observations())]), logger: quiet, eventLoops: 1)
    try await server.start(port: port)
    return server
  }

  private var quickly: Backoff {
    var backoff = Backoff()
    backoff.initial = .milliseconds(50)
    return backoff
  }

  @Test func withoutAServerCallsFailAtOnceAndAttemptsAreSpaced() async throws {
    let port = try await freePort()
    let channel = HTTP2Channel(host: "127.0.0.1", port: port)
    for _ in 0..<2 {
      let error = await failure { try await channel.unary(Self.method, Request()) as Reply }
      #expect(error?.code == .unavailable)
    }
    // The server is there now, and the next attempt is not due for nearly a second.
    let server = try await serve(port: port)
    let error = await failure { try await channel.unary(Self.method, Request()) as Reply }
    #expect(error?.code == .unavailable)
    await channel.close()
    await server.shutdown(grace: .zero)
  }

  @Test func aCallMayWaitForTheServer() async throws {
    let port = try await freePort()
    let channel = HTTP2Channel(host: "127.0.0.1", port: port, backoff: quickly)
    let call = Task {
      try await channel.unary(Self.method, Request(name: "x"), options: CallOptions(waitsForReady: true)) as Reply
    }
    try await Task.sleep(for: .milliseconds(100))
    let server = try await serve(port: port)
    #expect(try await call.value.name == "x")
    await channel.close()
    await server.shutdown(grace: .zero)
  }

  @Test func waitingEndsWithTheDeadlineAndWithCancellation() async throws {
    let channel = HTTP2Channel(host: "127.0.0.1", port: try await freePort(), backoff: quickly)
    var options = CallOptions(timeout: .milliseconds(200))
    options.waitsForReady = true
    let error = await failure { [options] in try await channel.unary(Self.method, Request(), options: options) as Reply
    }
    #expect(error?.code == .deadlineExceeded)

    let call = Task {
      try await channel.unary(Self.method, Request(), options: CallOptions(waitsForReady: true)) as Reply
    }
    try await Task.sleep(for: .milliseconds(50))
    call.cancel()
    #expect(await failure { try await call.value }?.code == .cancelled)
    await channel.close()
  }

  @Test func theDeadlineCoversConnecting() async throws {
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.autoRead, value: false).bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(listener.localAddress?.port)
    // Nobody accepts and answers, so that the TLS handshake does not go on.
    let channel = try HTTP2Channel(host: "127.0.0.1", port: port, tls: ClientTLS())
    let error = await failure {
      try await channel.unary(Self.method, Request(), options: CallOptions(timeout: .milliseconds(100))) as Reply
    }
    #expect(error?.code == .deadlineExceeded)
    await channel.close()
    try await listener.close()
  }

  @Test func aConnectionThatIsLostIsMadeAgain() async throws {
    let port = try await freePort()
    let channel = HTTP2Channel(host: "127.0.0.1", port: port, backoff: quickly)
    for turn in 0..<3 {
      let server = try await serve(port: port)
      let reply: Reply = try await channel.unary(
        Self.method, Request(id: Int64(turn)), options: CallOptions(waitsForReady: true))
      #expect(reply.id == Int64(turn))
      await server.shutdown(grace: .zero)
    }
    await channel.close()
  }

  @Test func aClosedChannelStaysClosed() async throws {
    let server = try await serve(port: 0)
    let channel = HTTP2Channel(host: "127.0.0.1", port: try await freePort(), backoff: quickly)
    let call = Task {
      try await channel.unary(Self.method, Request(), options: CallOptions(waitsForReady: true)) as Reply
    }
    try await Task.sleep(for: .milliseconds(20))
    await channel.close()
    #expect(await failure { try await call.value }?.code == .unavailable)
    let error = await failure { try await channel.unary(Self.method, Request()) as Reply }
    #expect(error?.code == .unavailable)
    await server.shutdown(grace: .zero)
  }

  @Test func aCallThatTheServerEndsEarlyLeavesNoStreamOpen() async throws {
    // One stream at a time: a stream that stayed open would keep the next call waiting.
    var limits = Limits()
    limits.maxConcurrentStreams = 1
    try await withService(.socket, limits: limits) { channel, _ in
      for _ in 0..<3 {
        let missing = MethodDescriptor(service: "no.Such", name: "Method", kind: .bidirectional, access: .public)
        let call: BidirectionalCall<Request, Reply> = try await channel.bidirectional(missing)
        let error = await failure { for try await _ in call.responses {} }
        #expect(error?.code == .unimplemented)
        let options = CallOptions(timeout: .seconds(5))
        let reply: Reply = try await channel.unary(Self.method, Request(name: "x"), options: options)
        #expect(reply.name == "x")
        _ = call
      }
    }
  }
}
