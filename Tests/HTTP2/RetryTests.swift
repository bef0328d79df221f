import HTTP2
import RPC
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RetryTests {
  private static let method = TestService.Methods.echo
  /// More than fits into a frame, or a window of HTTP/2's default size.
  private static let long = Request(name: String(repeating: "x", count: 200_000))

  /// Tries again, up to five times, after a millisecond and after UNAVAILABLE.
  private func policy(initial: Duration = .milliseconds(1)) -> ServiceConfig {
    var method = ServiceConfig.Method()
    method.retryPolicy = RetryPolicy(
      maxAttempts: 5,
      backoff: Backoff(initial: initial, multiplier: 1, longest: initial),
      retryableStatusCodes: [.unavailable]
    )
    var config = ServiceConfig()
    config.set(method)
    return config
  }

  private func withServer(
    settings: [(id: UInt16, value: Int)] = [],
    config: ServiceConfig = ServiceConfig(),
    limits: ClientLimits = ClientLimits(),
    _ script: @escaping RawServer.Script,
    _ body: (HTTP2Channel) async throws -> Void
  ) async throws {
    let server = try await RawServer(settings: settings, script)
    let channel = try HTTP2Channel(
      Target(host: "127.0.0.1", port: server.port), serviceConfig: config, limits: limits)
    try await body(channel)
    await channel.close()
    await server.close()
  }

  private func body(_ requests: Request...) -> [UInt8] {
    requests.flatMap { RawFrame.framed($0.serializedBytes()) }
  }

  // MARK: What the server did not begin

  @Test func aRefusedCallIsMadeAgainOnce() async throws {
    let requests = RawRequests()
    let script = requests.script { connection, stream, number in
      if number == 1 { connection.reply(stream) } else { connection.send(.reset(stream, 7)) }
    }
    try await withServer(script) { channel in
      let reply: Reply = try await channel.unary(Self.method, Self.long)
      #expect(reply.name == "done")
      #expect(requests.bodies == [body(Self.long), body(Self.long)])
      let error = await failure { try await channel.unary(Self.method, Request()) as Reply }
      #expect(error?.code == .unavailable)
      #expect(requests.bodies.count == 4)
    }
  }

  @Test func whatAGoAwayDoesNotCoverIsMadeAgainElsewhere() async throws {
    let requests = RawRequests()
    let script = requests.script { connection, stream, _ in
      if connection.number == 0 { connection.send(.goAway(0)) } else { connection.reply(stream) }
    }
    try await withServer(script) { channel in
      let reply: Reply = try await channel.unary(Self.method, Self.long)
      #expect(reply.name == "done")
      #expect(requests.connections == [0, 1])
    }
  }

  @Test func whatNeverLeftIsMadeAgain() async throws {
    let requests = RawRequests()
    let script: RawServer.Script = { connection, frame in
      let number = requests.note(connection, frame)
      if connection.number == 0, frame.kind == .data { connection.close() }
      if connection.number > 0, number != nil, frame.endsStream { connection.reply(frame.stream) }
    }
    // One stream at a time: the second call waits for the first to end.
    try await withServer(settings: [(3, 1)], script) { channel in
      let first: BidirectionalCall<Request, Reply> = try await channel.bidirectional(TestService.Methods.converse)
      #expect(await eventually { requests.connections == [0] })
      let second = try await channel.open(Self.method, options: CallOptions())
      try await second.send(Request().serializedBytes(), compressed: true)
      second.finishSending()
      try await first.send(Request())
      let error = await failure { for try await _ in first.responses {} }
      #expect(error?.code == .unavailable)
      #expect(try await second.receive() != nil)
      #expect(requests.connections == [0, 1])
    }
  }

  /// The first call goes on, and the second, for which there was no room beside it, does not wait for its end.
  @Test func whatWaitsForRoomMovesOnAtAGoAway() async throws {
    let requests = RawRequests()
    let script: RawServer.Script = { connection, frame in
      let number = requests.note(connection, frame)
      if connection.number == 0, frame.kind == .data {
        connection.send(frame.endsStream ? [.response(frame.stream), .trailers(frame.stream)] : [.goAway(1)])
      }
      if connection.number > 0, number != nil, frame.endsStream { connection.reply(frame.stream) }
    }
    try await withServer(settings: [(3, 1)], script) { channel in
      let first: BidirectionalCall<Request, Reply> = try await channel.bidirectional(TestService.Methods.converse)
      #expect(await eventually { requests.connections == [0] })
      let second = Task { try await channel.unary(Self.method, Request()) as Reply }
      let third = try await channel.open(Self.method, options: CallOptions(timeout: .milliseconds(20)))
      let error = await failure { _ = try await third.receive() }
      #expect(error?.code == .deadlineExceeded)
      try await first.send(Request())
      #expect(try await second.value.name == "done")
      #expect(requests.connections == [0, 1])
      first.finishSending()
      for try await _ in first.responses {}
    }
  }

  @Test func whatWaitsForRoomBeginsWhenThereIsMore() async throws {
    let requests = RawRequests()
    let script: RawServer.Script = { connection, frame in
      let number = requests.note(connection, frame)
      if frame.kind == .data, !frame.endsStream { connection.send(.settings([(3, 2)])) }
      if number != nil, frame.endsStream { connection.reply(frame.stream) }
    }
    try await withServer(settings: [(3, 1)], script) { channel in
      let first: BidirectionalCall<Request, Reply> = try await channel.bidirectional(TestService.Methods.converse)
      #expect(await eventually { requests.connections == [0] })
      let second = Task { try await channel.unary(Self.method, Request()) as Reply }
      try await first.send(Request())
      #expect(try await second.value.name == "done")
      #expect(requests.connections == [0, 0])
      first.cancel()
    }
  }

  @Test func aConnectionThatIsLostDuringACallFailsIt() async throws {
    let requests = RawRequests()
    try await withServer(requests.script { connection, _, _ in connection.close() }) { channel in
      let error = await failure { try await channel.unary(Self.method, Request()) as Reply }
      #expect(error?.code == .unavailable)
      #expect(requests.connections == [0])
    }
  }

  // MARK: By policy

  @Test func aPolicyMakesACallAgain() async throws {
    let requests = RawRequests()
    let script = requests.script { connection, stream, number in
      switch number {
      case 0: connection.send(.refusal(stream, status: 14))
      case 1: connection.close()
      default: connection.reply(stream)
      }
    }
    try await withServer(config: policy(), script) { channel in
      let reply: Reply = try await channel.unary(Self.method, Self.long)
      #expect(reply.name == "done")
      #expect(requests.bodies == [body(Self.long), body(Self.long), body(Self.long)])
    }
  }

  @Test func theServerHearsHowManyAttemptsThereWere() async throws {
    struct Flaky: Service {
      static let descriptor = ServiceDescriptor(name: "test.Test", methods: [])
      var methods: [ServiceMethod] {
        [
          .unary(RetryTests.method) { (_: Request, call) in
            let previous = call.requestMetadata["grpc-previous-rpc-attempts"]
            guard previous == "2" else { throw RPCError(.unavailable, previous ?? "first") }
            return Reply(name: "third")
          }
        ]
      }
    }
    let server = Server(router: try Router(services: [Flaky()]), logger: quiet, eventLoops: 1)
    let address = try await server.start(port: 0)
    let channel = try HTTP2Channel(Target("\(address.host):\(address.port)"), serviceConfig: policy())
    let reply: Reply = try await channel.unary(Self.method, Request())
    #expect(reply.name == "third")
    await channel.close()
    await server.shutdown(grace: .zero)
  }

  @Test(arguments: [("-1", 1), ("1", 5)])
  func theServerSaysWhetherThereIsAnotherAttempt(_ pushback: String, _ attempts: Int) async throws {
    let requests = RawRequests()
    let script = requests.script { connection, stream, _ in
      connection.send(.refusal(stream, status: 14, [("grpc-retry-pushback-ms", pushback)]))
    }
    try await withServer(config: policy(), script) { channel in
      let error = await failure { try await channel.unary(Self.method, Request()) as Reply }
      #expect(error?.code == .unavailable)
      #expect(requests.bodies.count == attempts)
    }
  }

  @Test func aResponseThatHasBegunIsNotAskedForAgain() async throws {
    let requests = RawRequests()
    let script = requests.script { connection, stream, _ in
      connection.send(.response(stream), .trailers(stream, status: 14))
    }
    try await withServer(config: policy(), script) { channel in
      let error = await failure { try await channel.unary(Self.method, Request()) as Reply }
      #expect(error?.code == .unavailable)
      #expect(requests.bodies.count == 1)
    }
  }

  @Test(arguments: [true, false])
  func whatDoesNotFitTheBufferIsNotMadeAgain(_ perCall: Bool) async throws {
    var limits = ClientLimits()
    if perCall { limits.maxRetryBufferBytesPerCall = 199_999 } else { limits.maxRetryBufferBytes = 199_999 }
    let requests = RawRequests()
    let script = requests.script { connection, stream, _ in connection.send(.refusal(stream, status: 14)) }
    try await withServer(config: policy(), limits: limits, script) { channel in
      let error = await failure { try await channel.unary(Self.method, Self.long) as Reply }
      #expect(error?.code == .unavailable)
      #expect(requests.bodies == [body(Self.long)])
      // What a call took of the buffer it has given back.
      let short = Request(name: String(repeating: "x", count: 150_000))
      _ = await failure { try await channel.unary(Self.method, short) as Reply }
      _ = await failure { try await channel.unary(Self.method, short) as Reply }
      #expect(requests.bodies.count == 11)
    }
  }

  @Test func aStreamGoesOnInTheNextAttempt() async throws {
    let requests = RawRequests()
    let script: RawServer.Script = { connection, frame in
      let number = requests.note(connection, frame)
      if number == 0, frame.kind == .data { connection.send(.refusal(frame.stream, status: 14)) }
      if number == 1, frame.endsStream { connection.reply(frame.stream) }
    }
    try await withServer(config: policy(initial: .milliseconds(50)), script) { channel in
      let call: ClientStreamingCall<Request, Reply> = try await channel.clientStreaming(TestService.Methods.collect)
      try await call.send(Request(name: "a"))
      #expect(await eventually { requests.bodies.first?.isEmpty == false })
      try await call.send(Request(name: "b"))
      #expect(try await call.finish().name == "done")
      #expect(requests.bodies.count == 2)
      #expect(requests.bodies.last == body(Request(name: "a"), Request(name: "b")))
    }
  }

  @Test func theWaitForAnAttemptEndsWithTheCall() async throws {
    let requests = RawRequests()
    let script = requests.script { connection, stream, _ in connection.send(.refusal(stream, status: 14)) }
    try await withServer(config: policy(initial: .seconds(3_600)), script) { channel in
      let error = await failure {
        try await channel.unary(Self.method, Request(), options: CallOptions(timeout: .milliseconds(100))) as Reply
      }
      #expect(error?.code == .deadlineExceeded)
      let count = requests.bodies.count
      let call = Task { try await channel.unary(Self.method, Request()) as Reply }
      #expect(await eventually { requests.bodies.count > count })
      call.cancel()
      #expect(await failure { try await call.value }?.code == .cancelled)
    }
  }

  @Test func aThrottleEndsRetries() async throws {
    let requests = RawRequests()
    let script = requests.script { connection, stream, _ in connection.send(.refusal(stream, status: 14)) }
    var config = policy()
    config.retryThrottle = RetryThrottle(maxTokens: 4, tokenRatio: 1)
    try await withServer(config: config, script) { channel in
      for count in [2, 3] {
        _ = await failure { try await channel.unary(Self.method, Request()) as Reply }
        #expect(requests.bodies.count == count)
      }
    }
  }

  @Test func aRequestOverTheLimitIsNotSent() async throws {
    var method = ServiceConfig.Method()
    method.maxRequestBytes = 10
    var config = ServiceConfig()
    config.set(method, service: "test.Test")
    let requests = RawRequests()
    try await withServer(config: config, requests.script { connection, stream, _ in connection.reply(stream) }) {
      channel in
      let error = await failure { try await channel.unary(Self.method, Self.long) as Reply }
      #expect(error?.code == .resourceExhausted)
      let reply: Reply = try await channel.unary(Self.method, Request(name: "x"))
      #expect(reply.name == "done")
    }
  }
}
