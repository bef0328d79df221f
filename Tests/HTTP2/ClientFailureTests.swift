import BenchContract
import HTTP2
import NIOCore
import NIOPosix
import RPC
import Testing

/// The error of a call says what happened to it.
@Suite("A client's errors", .timeLimit(.minutes(1)))
struct ClientFailureTests {
  private static let method = TestService.Methods.echo

  private func failure(
    at port: Int,
    _ options: CallOptions = CallOptions(),
    _ request: Request = Request(),
    limits: ClientLimits = ClientLimits()
  ) async throws -> RPCError {
    let channel = try HTTP2Channel(Target(host: "127.0.0.1", port: port), limits: limits)
    let error = await HTTP2Tests.failure { try await channel.unary(Self.method, request, options: options) as Reply }
    await channel.close()
    return try #require(error)
  }

  /// The failure of a call to a server that answers so.
  private func failure(
    _ options: CallOptions = CallOptions(),
    _ request: Request = Request(),
    limits: ClientLimits = ClientLimits(),
    _ answer: @escaping @Sendable (RawConnection, Int) -> Void
  ) async throws -> RPCError {
    let server = try await RawServer(RawRequests().script { connection, stream, _ in answer(connection, stream) })
    let error = try await failure(at: server.port, options, request, limits: limits)
    await server.close()
    return error
  }

  /// The names are those of RFC 9113, section 7.
  @Test(arguments: [
    (2, StatusCode.internal, "INTERNAL_ERROR"), (8, .cancelled, "CANCEL"),
    (11, .resourceExhausted, "ENHANCE_YOUR_CALM"),
    (0, .internal, "NO_ERROR"),
  ])
  func streamReset(_ errorCode: Int, _ code: StatusCode, _ name: String) async throws {
    let error = try await failure { $0.send(.response($1), .reset($1, errorCode)) }
    #expect(error.code == code)
    #expect(error.message == "the server reset the stream with \(name) (HTTP/2 error code \(errorCode))")
  }

  @Test func connectionClosed() async throws {
    let error = try await failure { connection, _ in connection.close() }
    #expect(error.code == .unavailable)
    #expect(error.message == "the connection was lost: the server closed the connection")
  }

  @Test func goAway() async throws {
    let error = try await failure { connection, stream in
      connection.send(.goAway(stream, 11, debug: "too_many_pings"))
      connection.close()
    }
    #expect(error.code == .unavailable)
    #expect(
      error.message
        == "the connection was lost: the server ended the connection with GOAWAY, ENHANCE_YOUR_CALM, “too_many_pings”")
  }

  @Test func brokenProtocol() async throws {
    let error = try await failure { connection, _ in connection.send(RawFrame(kind: .settings, payload: [1])) }
    #expect(error.code == .unavailable)
    #expect(error.message.hasPrefix("the connection was lost: the server broke the HTTP/2 protocol: "))
  }

  @Test func brokenResponse() async throws {
    let error = try await failure { connection, stream in
      connection.send(.headers(stream, [(":status", "200"), ("Content-Type", "application/grpc")]))
    }
    #expect(error.code == .internal)
    #expect(error.message == "the response breaks the HTTP/2 protocol: PROTOCOL_ERROR (HTTP/2 error code 1)")
  }

  @Test func overALimit() async throws {
    let long = try await failure(CallOptions(maxResponseBytes: 1_000)) {
      $0.send(.response($1), .message($1, [UInt8](repeating: 0, count: 1_001)))
    }
    #expect(long.code == .resourceExhausted)
    #expect(long.message == "a message of 1001 bytes is over the limit of 1000 bytes")

    var limits = ClientLimits()
    limits.maxHeaderBytes = 100
    let wide = try await failure(limits: limits) {
      $0.send(.headers($1, [(":status", "200"), ("x", String(repeating: "y", count: 100))]))
    }
    // Names, values and 32 for each field, by RFC 9113, section 6.5.2: 7 + 3 + 32, and 1 + 100 + 32.
    #expect(wide.message == "the header fields of the response of 175 bytes are over the limit of 100 bytes")

    let own = try await failure(CallOptions(maxRequestBytes: 1), Request(name: "abc")) { _, _ in }
    #expect(own.code == .resourceExhausted)
    #expect(own.message == "a request of 5 bytes is over the limit of 1 bytes")
  }

  @Test func connectionRefused() async throws {
    // A port that was free a moment ago.
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(
      host: "127.0.0.1", port: 0
    ).get()
    let port = listener.localAddress?.port ?? 0
    try await listener.close()
    let error = try await failure(at: port)
    #expect(error.code == .unavailable)
    #expect(error.message == "cannot connect to 127.0.0.1:\(port): connection refused")

    let options = CallOptions(deadline: Deadline(after: .milliseconds(300)), waitsForReady: true)
    let late = try await failure(at: port, options)
    #expect(late.code == .deadlineExceeded)
    #expect(late.message == "the deadline has passed: cannot connect to 127.0.0.1:\(port): connection refused")
  }

  @Test func anotherProtocol() async throws {
    let server = try await TextServer("HTTP/1.1 400 Bad Request\r\n\r\n")
    let error = try await failure(at: server.port)
    #expect(error.code == .unavailable)
    #expect(
      error.message.hasPrefix("cannot connect to 127.0.0.1:\(server.port): the server broke the HTTP/2 protocol: "))
    await server.close()
  }
}
