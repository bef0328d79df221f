import BenchContract
import HTTP2
import RPC
import Testing

@Suite(.timeLimit(.minutes(1)))
struct CallTests {
  @Test(arguments: Transport.allCases)
  func unary(_ transport: Transport) async throws {
    try await withService(transport) { channel, _ in
      let reply: Reply = try await channel.unary(TestService.Methods.echo, Request(name: "a", id: 7))
      #expect(reply.name == "a" && reply.id == 7)
    }
  }

  @Test(arguments: Transport.allCases)
  func manyAtATime(_ transport: Transport) async throws {
    try await withService(transport) { channel, _ in
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for id in Int64(0)..<200 {
          group.addTask {
            let reply: Reply = try await channel.unary(TestService.Methods.echo, Request(name: "n", id: id))
            return reply.id == id
          }
        }
        for try await isRight in group { #expect(isRight) }
      }
    }
  }

  @Test(arguments: Transport.allCases)
  func clientStreaming(_ transport: Transport) async throws {
    try await withService(transport) { channel, _ in
      let call: ClientStreamingCall<Request, Reply> = try await channel.clientStreaming(TestService.Methods.collect)
      for id in Int64(1)...100 { try await call.send(Request(id: id)) }
      let reply = try await call.finish()
      #expect(reply.id == 5_050 && reply.state == 100)
    }
  }

  @Test(arguments: Transport.allCases)
  func serverStreaming(_ transport: Transport) async throws {
    try await withService(transport) { channel, _ in
      let replies: ResponseSequence<Reply> = try await channel.serverStreaming(
        TestService.Methods.expand,
        Request(name: "e", id: 1_000)
      )
      var next: Int64 = 0
      for try await reply in replies {
        #expect(reply.id == next)
        next += 1
      }
      #expect(next == 1_000)
    }
  }

  @Test(arguments: Transport.allCases)
  func bidirectional(_ transport: Transport) async throws {
    try await withService(transport) { channel, _ in
      let call: BidirectionalCall<Request, Reply> = try await channel.bidirectional(TestService.Methods.converse)
      var replies = call.responses.makeAsyncIterator()
      for id in Int64(0)..<50 {
        try await call.send(Request(id: id))
        #expect(try await replies.next()?.id == id)
      }
      call.finishSending()
      #expect(try await replies.next() == nil)
    }
  }

  @Test(arguments: Transport.allCases)
  func streamsWithoutMessages(_ transport: Transport) async throws {
    try await withService(transport) { channel, _ in
      let call: BidirectionalCall<Request, Reply> = try await channel.bidirectional(TestService.Methods.converse)
      call.finishSending()
      var replies = call.responses.makeAsyncIterator()
      #expect(try await replies.next() == nil)
    }
  }

  @Test(arguments: Transport.allCases)
  func metadataBothWays(_ transport: Transport) async throws {
    try await withService(transport) { channel, _ in
      var options = CallOptions()
      options.metadata.add("x-text", "plain")
      options.metadata.add("x-trail-bin", binary: [0, 1, 0xab, 0xff])
      let response: UnaryResponse<Reply> = try await channel.unaryResponse(
        TestService.Methods.echo,
        Request(),
        options: options
      )
      #expect(response.metadata["x-text"] == "plain")
      #expect(response.trailingMetadata.binaryValues("x-trail-bin") == [[0, 1, 0xab, 0xff]])
    }
  }

  @Test(arguments: Transport.allCases)
  func errorsCarryTheirDetails(_ transport: Transport) async throws {
    try await withService(transport) { channel, _ in
      let error = await failure { try await channel.unary(TestService.Methods.fail, Request()) as Reply }
      #expect(error?.code == .failedPrecondition)
      #expect(error?.reason == "TOO_EARLY")
      #expect(error?.message == "noch nicht: é")
      #expect(error?.metadata == ["opens": "tomorrow"])
      #expect(error?.details.first?.typeUrl == "type.googleapis.com/google.rpc.PreconditionFailure")
    }
  }

  @Test(arguments: Transport.allCases)
  func unexpectedErrorsTellNothing(_ transport: Transport) async throws {
    try await withService(transport) { channel, _ in
      let error = await failure {
        try await channel.unary(TestService.Methods.fail, Request(name: "unexpected")) as Reply
      }
      #expect(error?.code == .internal)
      #expect(error?.message.contains("Secret") == false)
    }
  }

  @Test(arguments: Transport.allCases)
  func unknownMethod(_ transport: Transport) async throws {
    try await withService(transport) { channel, _ in
      let method = TestService.Methods.method("Nothing", .unary)
      let error = await failure { try await channel.unary(method, Request()) as Reply }
      #expect(error?.code == .unimplemented)
    }
  }
}
