import InteropContract
import RPC

/// The cases that need neither a cloud nor a cache, by the names that gRPC's descriptions give them.
enum InteropCase: String, CaseIterable {
  case emptyUnary = "empty_unary"
  case largeUnary = "large_unary"
  case clientCompressedUnary = "client_compressed_unary"
  case serverCompressedUnary = "server_compressed_unary"
  case clientStreaming = "client_streaming"
  case clientCompressedStreaming = "client_compressed_streaming"
  case serverStreaming = "server_streaming"
  case serverCompressedStreaming = "server_compressed_streaming"
  case pingPong = "ping_pong"
  case emptyStream = "empty_stream"
  case customMetadata = "custom_metadata"
  case statusCodeAndMessage = "status_code_and_message"
  case specialStatusMessage = "special_status_message"
  case unimplementedMethod = "unimplemented_method"
  case unimplementedService = "unimplemented_service"
  case cancelAfterBegin = "cancel_after_begin"
  case cancelAfterFirstResponse = "cancel_after_first_response"
  case timeoutOnSleepingServer = "timeout_on_sleeping_server"

  /// Throws what went otherwise than the case asks. Gives what the server could not show.
  func run(on channel: any Channel) async throws -> String? {
    let client = GrpcTesting.TestServiceClient(channel)
    switch self {
    case .emptyUnary:
      try expect(try await client.emptyCall(GrpcTesting.Empty()), GrpcTesting.Empty(), "the response")
    case .largeUnary: try await largeUnary(client)
    case .clientCompressedUnary: return try await clientCompressedUnary(client)
    case .serverCompressedUnary: try await serverCompressedUnary(channel)
    case .clientStreaming: try await clientStreaming(client)
    case .clientCompressedStreaming: return try await clientCompressedStreaming(client)
    case .serverStreaming: try await serverStreaming(client)
    case .serverCompressedStreaming: try await serverCompressedStreaming(client)
    case .pingPong: try await pingPong(client)
    case .emptyStream: try await emptyStream(client)
    case .customMetadata: try await customMetadata(channel, client)
    case .statusCodeAndMessage: try await echoStatus(client, "test status message", alsoStreaming: true)
    case .specialStatusMessage:
      try await echoStatus(
        client, "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n", alsoStreaming: false)
    case .unimplementedMethod:
      try await expectFailure(.unimplemented) { _ = try await client.unimplementedCall(GrpcTesting.Empty()) }
    case .unimplementedService:
      let other = GrpcTesting.UnimplementedServiceClient(channel)
      try await expectFailure(.unimplemented) { _ = try await other.unimplementedCall(GrpcTesting.Empty()) }
    case .cancelAfterBegin: try await cancelAfterBegin(client)
    case .cancelAfterFirstResponse: try await cancelAfterFirstResponse(client)
    case .timeoutOnSleepingServer: try await timeoutOnSleepingServer(client)
    }
    return nil
  }
}

/// What went otherwise than a case asks.
struct Deviation: Error, CustomStringConvertible {
  let description: String
}

func expect<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String) throws {
  guard found != expected else { return }
  throw Deviation(description: "\(what): \(String(describing: found).prefix(200)), expected \(expected)")
}

func expectFailure(_ code: StatusCode, message: String? = nil, _ call: () async throws -> Void) async throws {
  do {
    try await call()
  } catch let error as RPCError {
    try expect(error.code, code, "the status of “\(error.message)”")
    if let message { try expect(error.message, message, "the status message") }
    return
  }
  throw Deviation(description: "the call went well, expected \(code)")
}

/// Sends a message that is not compressed and says that it is. The server must refuse it; some implementations' servers
/// cannot see how a message came, and then only the data that follows is a test.
func probeCompression(_ call: () async throws -> Void) async throws -> String? {
  do {
    try await call()
    return "the server does not see whether a message came compressed"
  } catch let error as RPCError {
    try expect(error.code, .invalidArgument, "the status of “\(error.message)”")
    return nil
  }
}

func zeros(_ count: Int) -> GrpcTesting.Payload { GrpcTesting.Payload(body: [UInt8](repeating: 0, count: count)) }

func expectZeros(_ payload: GrpcTesting.Payload?, _ count: Int) throws {
  try expect(payload?.body.count ?? 0, count, "the bytes of the payload")
  try expect(payload?.body.allSatisfy { $0 == 0 } ?? true, true, "that the payload is zeros")
}
