import BenchContract
import HTTP2
import RPC
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LifeTests {
  @Test(arguments: Transport.allCases)
  func deadline(_ transport: Transport) async throws {
    try await withService(transport) { channel, observed in
      let error = await failure {
        try await channel.unary(TestService.Methods.hang, Request(), options: CallOptions(timeout: .seconds(1)))
          as Reply
      }
      #expect(error?.code == .deadlineExceeded)
      // On a machine that is busy enough the handler never begins.
      let begun = observed.started.load(ordering: .sequentiallyConsistent)
      #expect(await eventually { observed.cancelled.load(ordering: .sequentiallyConsistent) == begun })
    }
  }

  @Test func defaultDeadline() async throws {
    var limits = Limits()
    limits.defaultDeadlineSeconds = 1
    try await withService(.socket, limits: limits) { channel, observed in
      let error = await failure { try await channel.unary(TestService.Methods.hang, Request()) as Reply }
      #expect(error?.code == .deadlineExceeded)
      #expect(await eventually { observed.cancelled.load(ordering: .sequentiallyConsistent) == 1 })
    }
  }

  @Test(arguments: Transport.allCases)
  func cancellation(_ transport: Transport) async throws {
    try await withService(transport) { channel, observed in
      let task = Task { try await channel.unary(TestService.Methods.hang, Request()) as Reply }
      #expect(await eventually { observed.started.load(ordering: .sequentiallyConsistent) == 1 })
      task.cancel()
      let error = await failure { try await task.value }
      #expect(error?.code == .cancelled)
      #expect(await eventually { observed.cancelled.load(ordering: .sequentiallyConsistent) == 1 })
    }
  }

  @Test(arguments: Transport.allCases)
  func lettingGoOfAStreamCancelsIt(_ transport: Transport) async throws {
    try await withService(transport) { channel, observed in
      do {
        let replies: ResponseSequence<Reply> = try await channel.serverStreaming(TestService.Methods.flood, Request())
        var iterator = replies.makeAsyncIterator()
        #expect(try await iterator.next() != nil)
      }
      #expect(await eventually { observed.cancelled.load(ordering: .sequentiallyConsistent) == 1 })
    }
  }

  @Test(arguments: Transport.allCases)
  func aSlowReaderHoldsUpTheHandler(_ transport: Transport) async throws {
    try await withService(transport) { channel, observed in
      let replies: ResponseSequence<Reply> = try await channel.serverStreaming(TestService.Methods.flood, Request())
      try await Task.sleep(for: .milliseconds(300))
      let sent = observed.sent.load(ordering: .sequentiallyConsistent)
      // The windows and the queue hold some hundred KiB; without back-pressure it would be many MiB.
      #expect(sent < 100)
      var iterator = replies.makeAsyncIterator()
      for _ in 0..<200 { _ = try await iterator.next() }
      #expect(observed.sent.load(ordering: .sequentiallyConsistent) > sent)
      replies.cancel()
    }
  }

  @Test(arguments: Transport.allCases)
  func aSlowHandlerHoldsUpTheSender(_ transport: Transport) async throws {
    try await withService(transport) { channel, _ in
      let call: ClientStreamingCall<Request, Reply> = try await channel.clientStreaming(TestService.Methods.stall)
      try await call.send(Request(name: "wait"))
      let start = ContinuousClock.now
      for _ in 0..<200 { try await call.send(Request(name: String(repeating: "x", count: 10_000))) }
      #expect(ContinuousClock.now - start > .milliseconds(150))
      #expect(try await call.finish().id == 201)
    }
  }

  @Test(arguments: Transport.allCases)
  func requestOverTheLimit(_ transport: Transport) async throws {
    var limits = Limits()
    limits.maxRequestBytes = 1_000
    try await withService(transport, limits: limits) { channel, _ in
      let large = Request(name: String(repeating: "x", count: 2_000))
      let error = await failure { try await channel.unary(TestService.Methods.echo, large) as Reply }
      #expect(error?.code == .resourceExhausted)
      let fits: Reply = try await channel.unary(TestService.Methods.echo, Request(name: "x"))
      #expect(fits.name == "x")
    }
  }

  @Test(arguments: Transport.allCases)
  func responseOverTheLimit(_ transport: Transport) async throws {
    try await withService(transport) { channel, _ in
      let large = Request(name: String(repeating: "x", count: 2_000))
      let options = CallOptions(maxResponseBytes: 1_000)
      let error = await failure { try await channel.unary(TestService.Methods.echo, large, options: options) as Reply }
      #expect(error?.code == .resourceExhausted)
    }
  }

  @Test(arguments: Transport.allCases)
  func handlersOverTheLimit(_ transport: Transport) async throws {
    var limits = Limits()
    limits.maxRunningHandlers = 1
    try await withService(transport, limits: limits) { channel, observed in
      let task = Task { try await channel.unary(TestService.Methods.hang, Request()) as Reply }
      #expect(await eventually { observed.started.load(ordering: .sequentiallyConsistent) == 1 })
      let error = await failure { try await channel.unary(TestService.Methods.echo, Request()) as Reply }
      #expect(error?.code == .resourceExhausted)
      task.cancel()
      _ = await failure { try await task.value }
    }
  }

  @Test func largeMessagesPassTheWindows() async throws {
    try await withService(.socket) { channel, _ in
      let name = String(repeating: "0123456789", count: 300_000)
      let reply: Reply = try await channel.unary(TestService.Methods.echo, Request(name: name))
      #expect(reply.name == name)
    }
  }

  @Test func shutdownLetsCallsEnd() async throws {
    let observed = TestService.Observations()
    let server = Server(router: try Router(services: [TestService(observed: observed)]), logger: quiet, eventLoops: 2)
    let address = try await server.start(port: 0)
    let channel = HTTP2Channel(host: address.host, port: address.port)
    let call: ClientStreamingCall<Request, Reply> = try await channel.clientStreaming(TestService.Methods.stall)
    try await call.send(Request(name: "wait"))
    #expect(await eventually { observed.started.load(ordering: .sequentiallyConsistent) == 1 })
    let shutdown = Task { await server.shutdown(grace: .seconds(10)) }
    #expect(try await call.finish().id == 1)
    await shutdown.value
    let error = await failure { try await channel.unary(TestService.Methods.echo, Request()) as Reply }
    #expect(error?.code == .unavailable)
  }

  @Test func shutdownEndsCallsAfterItsGrace() async throws {
    let observed = TestService.Observations()
    let server = Server(router: try Router(services: [TestService(observed: observed)]), logger: quiet, eventLoops: 1)
    let address = try await server.start(port: 0)
    let channel = HTTP2Channel(host: address.host, port: address.port)
    let task = Task { try await channel.unary(TestService.Methods.hang, Request()) as Reply }
    #expect(await eventually { observed.started.load(ordering: .sequentiallyConsistent) == 1 })
    let start = ContinuousClock.now
    await server.shutdown(grace: .milliseconds(100))
    #expect(ContinuousClock.now - start < .seconds(5))
    let error = await failure { try await task.value }
    #expect(error?.code == .unavailable)
    #expect(observed.cancelled.load(ordering: .sequentiallyConsistent) == 1)
  }
}
