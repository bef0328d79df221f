import HTTP2
import NIOConcurrencyHelpers
import RPC
import Testing

/// gRPC's descriptions of its negative HTTP/2 interoperability tests, and servers that do worse.
@Suite(.timeLimit(.minutes(1)))
struct WireCaseTests {
  private static let method = TestService.Methods.echo
  private static let large = Request(name: String(repeating: "x", count: 271_828))
  private static let response = Reply(name: String(repeating: "y", count: 314_159))

  private func withServer(
    settings: [(id: UInt16, value: Int)] = [],
    limits: ClientLimits = ClientLimits(),
    _ script: @escaping RawServer.Script,
    _ body: (HTTP2Channel) async throws -> Void
  ) async throws {
    let server = try await RawServer(settings: settings, script)
    let channel = try HTTP2Channel(Target(host: "127.0.0.1", port: server.port), limits: limits)
    try await body(channel)
    await channel.close()
    await server.close()
  }

  /// Calls a server that answers so. Only a call that hangs is to see the deadline.
  private func code(
    limits: ClientLimits = ClientLimits(),
    _ answer: @escaping @Sendable (RawConnection, Int) -> Void
  ) async throws -> StatusCode? {
    var code: StatusCode? = .ok
    let script = RawRequests().script { connection, stream, _ in answer(connection, stream) }
    try await withServer(limits: limits, script) { channel in
      code = await failure {
        try await channel.unary(Self.method, Self.large, options: CallOptions(timeout: .seconds(20))) as Reply
      }?.code
    }
    return code
  }

  private static func frames(of response: Reply, _ stream: Int, size: Int, padding: Int? = nil) -> [RawFrame] {
    let framed = RawFrame.framed(response.serializedBytes())
    return stride(from: 0, to: framed.count, by: size).map {
      .data(stream, Array(framed[$0..<min($0 + size, framed.count)]), padding: padding)
    }
  }

  // MARK: gRPC's cases

  @Test func goAway() async throws {
    let requests = RawRequests()
    let script = requests.script { connection, stream, _ in
      if connection.number == 0 { connection.send(.goAway(stream)) }
      connection.reply(stream)
    }
    try await withServer(script) { channel in
      for _ in 0..<2 {
        let reply: Reply = try await channel.unary(Self.method, Self.large)
        #expect(reply.name == "done")
      }
      #expect(requests.connections == [0, 1])
    }
  }

  @Test func resetAfterHeaders() async throws {
    #expect(try await code { $0.send(.response($1), .reset($1, 0)) } == .internal)
  }

  @Test func resetDuringData() async throws {
    let code = try await code { connection, stream in
      connection.send(.response(stream))
      connection.send(Array(Self.frames(of: Self.response, stream, size: 10_000).prefix(15)))
      connection.send(.reset(stream, 0))
    }
    #expect(code == .internal)
  }

  @Test func resetAfterData() async throws {
    let code = try await code { connection, stream in
      connection.send(.response(stream))
      connection.send(Self.frames(of: Self.response, stream, size: 10_000))
      connection.send(.reset(stream, 0))
    }
    #expect(code == .internal)
  }

  @Test func ping() async throws {
    let open = NIOLockedValueBox(0)
    let requests = RawRequests()
    let script: RawServer.Script = { connection, frame in
      if frame.kind == .ping, frame.isAcknowledgment { open.withLockedValue { $0 -= 1 } }
      guard requests.note(connection, frame) != nil, frame.endsStream else { return }
      open.withLockedValue { $0 += 4 }
      connection.send(.ping(1), .response(frame.stream), .ping(2))
      connection.send(Self.frames(of: Self.response, frame.stream, size: 10_000))
      connection.send(.ping(3), .trailers(frame.stream), .ping(4))
    }
    try await withServer(script) { channel in
      let reply: Reply = try await channel.unary(Self.method, Self.large)
      #expect(reply.name.utf8.count == 314_159)
      #expect(await eventually { open.withLockedValue { $0 } == 0 })
    }
  }

  @Test func maxStreams() async throws {
    let (open, most) = (NIOLockedValueBox(0), NIOLockedValueBox(0))
    let requests = RawRequests()
    let script: RawServer.Script = { connection, frame in
      if frame.kind == .headers {
        open.withLockedValue { $0 += 1 }
        most.withLockedValue { $0 = max($0, open.withLockedValue { $0 }) }
      }
      guard requests.note(connection, frame) != nil, frame.endsStream else { return }
      open.withLockedValue { $0 -= 1 }
      connection.reply(frame.stream)
    }
    try await withServer(settings: [(3, 1)], script) { channel in
      try await withThrowingTaskGroup { group in
        for _ in 0..<11 {
          group.addTask {
            let reply: Reply = try await channel.unary(Self.method, Self.large)
            #expect(reply.name == "done")
          }
        }
        try await group.waitForAll()
      }
      #expect(most.withLockedValue { $0 } == 1)
      #expect(requests.connections == [Int](repeating: 0, count: 11))
    }
  }

  /// 15 MB of padding around a response of 300 kB must be given back to the windows.
  @Test(arguments: [255, nil])
  func dataFramePadding(_ padding: Int?) async throws {
    let script = RawRequests().script { connection, stream, _ in
      connection.send(.response(stream))
      connection.send(Self.frames(of: Self.response, stream, size: 5, padding: padding))
      connection.send(.trailers(stream))
    }
    try await withServer(script) { channel in
      let reply: Reply = try await channel.unary(Self.method, Self.large)
      #expect(reply.name == Self.response.name)
    }
  }

  // MARK: Worse servers

  @Test func trailersThatNeverComeAreWaitedForUntilTheDeadline() async throws {
    try await withServer(RawRequests().script { connection, stream, _ in connection.send(.response(stream)) }) {
      let channel = $0
      let error = await failure {
        try await channel.unary(Self.method, Request(), options: CallOptions(timeout: .milliseconds(200))) as Reply
      }
      #expect(error?.code == .deadlineExceeded)
    }
  }

  @Test func anEndWithoutTrailersIsUnknown() async throws {
    let code = try await code { connection, stream in
      connection.send(.response(stream), .data(stream, RawFrame.framed([]), end: true))
    }
    #expect(code == .unknown)
  }

  @Test(arguments: [false, true])
  func headersAndTrailersHaveALimit(_ inTrailers: Bool) async throws {
    var limits = ClientLimits()
    limits.maxHeaderBytes = 1_000
    let large = (name: "x-large", value: String(repeating: "x", count: 450))
    let fits = (name: "x-fits", value: String(repeating: "x", count: 300))
    let first = [(name: ":status", value: "200"), (name: "content-type", value: "application/grpc")]
    for (field, expected) in [(large, StatusCode.resourceExhausted), (fits, nil)] {
      let code = try await code(limits: limits) { connection, stream in
        // Twice, so that neither field alone is the reason.
        let fields = [field, (name: "x-more", value: field.value)]
        connection.send(
          .headers(stream, inTrailers ? first : first + fields), .message(stream, []),
          .headers(stream, [("grpc-status", "0")] + (inTrailers ? fields : []), end: true))
      }
      #expect(code == expected)
    }
  }

  /// The connection stays, and serves other calls.
  @Test func aRequestWithTooManyHeadersFailsAtOnce() async throws {
    var limits = ClientLimits()
    limits.maxRequestHeaderBytes = 1_000
    let requests = RawRequests()
    try await withServer(limits: limits, requests.script { connection, stream, _ in connection.reply(stream) }) {
      channel in
      for size in [0, 1_000, 0, 100_000, 0] {
        let options = CallOptions(
          timeout: .seconds(20), metadata: size == 0 ? [:] : ["x-large": String(repeating: "x", count: size)])
        let error = await failure { try await channel.unary(Self.method, Request(), options: options) as Reply }
        #expect(error?.code == (size == 0 ? nil : .resourceExhausted))
        if let error {
          #expect(error.message.contains("header fields of the request are over the limit of 1000 bytes"))
        }
      }
      #expect(requests.connections == [0, 0, 0])
    }
  }

  /// By default a block that would never leave is told from one that does.
  @Test(arguments: [(60_000, nil), (70_000, StatusCode.resourceExhausted), (10_000_000, .resourceExhausted)])
  func requestHeadersOfEverySizeEndTheCall(_ size: Int, _ expected: StatusCode?) async throws {
    try await withServer(RawRequests().script { connection, stream, _ in connection.reply(stream) }) { channel in
      let options = CallOptions(timeout: .seconds(20), metadata: ["x-large": String(repeating: "x", count: size)])
      let error = await failure { try await channel.unary(Self.method, Request(), options: options) as Reply }
      #expect(error?.code == expected)
    }
  }

  /// The server takes nothing, and the second message is over what may be queued.
  @Test func whoeverSendsTooMuchAtOnceWaits() async throws {
    var limits = ClientLimits()
    limits.requestHighWaterBytes = 100
    let requests = RawRequests()
    let sent = NIOLockedValueBox(0)
    try await withServer(settings: [(4, 0)], limits: limits, { _ = requests.note($0, $1) }) { channel in
      let call: ClientStreamingCall<Request, Reply> = try await channel.clientStreaming(TestService.Methods.collect)
      let sending = Task {
        for _ in 0..<3 {
          try await call.send(Request(name: String(repeating: "x", count: 80)))
          sent.withLockedValue { $0 += 1 }
        }
      }
      #expect(await eventually { sent.withLockedValue { $0 } == 1 && requests.connections == [0] })
      try await Task.sleep(for: .milliseconds(50))
      #expect(sent.withLockedValue { $0 } == 1)
      call.cancel()
      #expect(await failure { try await sending.value }?.code == .cancelled)
    }
  }

  @Test func dataBeforeHeadersIsNoResponse() async throws {
    let code = try await code { connection, stream in
      connection.send(.data(stream, RawFrame.framed([])), .trailers(stream))
    }
    #expect(code == .unavailable || code == .internal)
  }

  @Test func whatIsNotGRPCIsUnknown() async throws {
    let code = try await code { connection, stream in
      connection.send(
        .headers(stream, [(":status", "200"), ("content-type", "text/html")]), .data(stream, [60, 61], end: true))
    }
    #expect(code == .unknown)
  }

  @Test func aMessageOverTheLimitIsNotBuffered() async throws {
    let code = try await code { connection, stream in
      connection.send(.response(stream), .data(stream, [0, 255, 255, 255, 255, 1, 2, 3]))
    }
    #expect(code == .resourceExhausted)
  }

  /// The table of gRPC's "HTTP to gRPC Status Code Mapping".
  @Test(arguments: [
    (400, StatusCode.internal), (401, .unauthenticated), (403, .permissionDenied), (404, .unimplemented),
    (429, .unavailable), (502, .unavailable), (503, .unavailable), (504, .unavailable), (500, .unknown),
    (302, .unknown), (204, .unknown),
  ])
  func anHTTPStatusStandsForACode(_ status: Int, _ expected: StatusCode) async throws {
    for end in [true, false] {
      let code = try await code { connection, stream in
        connection.send(.headers(stream, [(":status", "\(status)"), ("content-type", "text/plain")], end: end))
      }
      #expect(code == expected)
    }
  }

  /// What the server would still say to a call that has failed does not take the place of other calls.
  @Test func aResponseThatIsNoneIsNotReadToItsEnd() async throws {
    let script = RawRequests().script { connection, stream, number in
      if number == 3 { return connection.reply(stream) }
      connection.send(.headers(stream, [(":status", "503"), ("content-type", "text/plain")]), .data(stream, [60]))
    }
    try await withServer(settings: [(3, 1)], script) { channel in
      for _ in 0..<3 {
        let error = await failure { try await channel.unary(Self.method, Request()) as Reply }
        #expect(error?.code == .unavailable)
      }
      let reply: Reply = try await channel.unary(Self.method, Request())
      #expect(reply.name == "done")
    }
  }

  @Test func informationalHeadersArePassedOver() async throws {
    let code = try await code { connection, stream in
      connection.send(.headers(stream, [(":status", "103"), ("link", "x")]))
      connection.reply(stream)
    }
    #expect(code == nil)
  }

  /// Whoever does not speak HTTP/2 is not called.
  @Test func aServerOfAnotherProtocolIsUnavailable() async throws {
    let server = try await TextServer("HTTP/1.1 400 Bad Request\r\n\r\n")
    let channel = HTTP2Channel(host: "127.0.0.1", port: server.port)
    let error = await failure { try await channel.unary(Self.method, Request()) as Reply }
    #expect(error?.code == .unavailable)
    await channel.close()
    await server.close()
  }
}
