import InteropContract
import RPC

extension InteropCase {
  private static let requestBytes = 271_828
  private static let responseBytes: Int32 = 314_159

  private var large: GrpcTesting.SimpleRequest {
    GrpcTesting.SimpleRequest(responseSize: Self.responseBytes, payload: zeros(Self.requestBytes))
  }

  func largeUnary(_ client: GrpcTesting.TestServiceClient) async throws {
    try expectZeros(try await client.unaryCall(large).payload, Int(Self.responseBytes))
  }

  func clientCompressedUnary(_ client: GrpcTesting.TestServiceClient) async throws -> String? {
    var packed = large
    packed.expectCompressed = GrpcTesting.BoolValue(value: true)
    var plain = large
    plain.expectCompressed = GrpcTesting.BoolValue(value: false)
    let note = try await probeCompression { _ = try await client.unaryCall(packed) }
    let response = try await client.unaryCall(packed, options: CallOptions(compression: .gzip))
    try expectZeros(response.payload, Int(Self.responseBytes))
    try expectZeros(try await client.unaryCall(plain).payload, Int(Self.responseBytes))
    return note
  }

  func serverCompressedUnary(_ channel: any Channel) async throws {
    for compressed in [true, false] {
      var request = large
      request.responseCompressed = GrpcTesting.BoolValue(value: compressed)
      let response: UnaryResponse<GrpcTesting.SimpleResponse> =
        try await channel.unaryResponse(GrpcTesting.TestServiceMethods.unaryCall, request)
      try expect(response.wasCompressed, compressed, "that the response is compressed")
      try expectZeros(response.message.payload, Int(Self.responseBytes))
    }
  }

  func echoStatus(_ client: GrpcTesting.TestServiceClient, _ message: String, alsoStreaming: Bool) async throws {
    let status = GrpcTesting.EchoStatus(code: 2, message: message)
    try await expectFailure(.unknown, message: message) {
      _ = try await client.unaryCall(GrpcTesting.SimpleRequest(responseStatus: status))
    }
    guard alsoStreaming else { return }
    try await expectFailure(.unknown, message: message) {
      let call = try await client.fullDuplexCall()
      try await call.send(GrpcTesting.StreamingOutputCallRequest(responseStatus: status))
      call.finishSending()
      for try await _ in call.responses {}
    }
  }

  func customMetadata(_ channel: any Channel, _ client: GrpcTesting.TestServiceClient) async throws {
    let bytes: [UInt8] = [0xab, 0xab, 0xab]
    var metadata: Metadata = ["x-grpc-test-echo-initial": "test_initial_metadata_value"]
    metadata.add("x-grpc-test-echo-trailing-bin", binary: bytes)
    let options = CallOptions(metadata: metadata)

    func check(_ initial: Metadata, _ trailing: Metadata) throws {
      try expect(initial["x-grpc-test-echo-initial"], "test_initial_metadata_value", "the initial metadata")
      try expect(trailing.binaryValues("x-grpc-test-echo-trailing-bin"), [bytes], "the trailing metadata")
    }
    let response: UnaryResponse<GrpcTesting.SimpleResponse> =
      try await channel.unaryResponse(GrpcTesting.TestServiceMethods.unaryCall, large, options: options)
    try check(response.metadata, response.trailingMetadata)

    let call = try await client.fullDuplexCall(options: options)
    try await call.send(
      GrpcTesting.StreamingOutputCallRequest(
        responseParameters: [GrpcTesting.ResponseParameters(size: Self.responseBytes)],
        payload: zeros(Self.requestBytes)
      ))
    call.finishSending()
    for try await response in call.responses { try expectZeros(response.payload, Int(Self.responseBytes)) }
    try check(try await call.responses.metadata, call.responses.trailingMetadata)
  }
}
