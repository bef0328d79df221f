import InteropContract
import RPC

/// The server's side of gRPC's interoperability tests.
struct TestService: GrpcTesting.TestService {
  func emptyCall(_ request: GrpcTesting.Empty, _ call: Call) async throws -> GrpcTesting.Empty {
    echoMetadata(call)
    return GrpcTesting.Empty()
  }

  func unaryCall(_ request: GrpcTesting.SimpleRequest, _ call: Call) async throws -> GrpcTesting.SimpleResponse {
    echoMetadata(call)
    try expectCompression(request.expectCompressed, call)
    try fail(request.responseStatus)
    call.responseCompression = request.responseCompressed?.value == true ? .gzip : .identity
    return GrpcTesting.SimpleResponse(payload: try payload(request.responseSize))
  }

  func streamingOutputCall(
    _ request: GrpcTesting.StreamingOutputCallRequest,
    _ responses: ResponseStream<GrpcTesting.StreamingOutputCallResponse>,
    _ call: Call
  ) async throws {
    echoMetadata(call)
    try await send(request, responses, call)
  }

  func streamingInputCall(
    _ requests: RequestStream<GrpcTesting.StreamingInputCallRequest>,
    _ call: Call
  ) async throws -> GrpcTesting.StreamingInputCallResponse {
    var size = 0
    for try await request in requests {
      try expectCompression(request.expectCompressed, call)
      size += request.payload?.body.count ?? 0
    }
    return GrpcTesting.StreamingInputCallResponse(aggregatedPayloadSize: Int32(clamping: size))
  }

  func fullDuplexCall(
    _ requests: RequestStream<GrpcTesting.StreamingOutputCallRequest>,
    _ responses: ResponseStream<GrpcTesting.StreamingOutputCallResponse>,
    _ call: Call
  ) async throws {
    echoMetadata(call)
    try await responses.sendHeaders()
    for try await request in requests { try await send(request, responses, call) }
  }

  func halfDuplexCall(
    _ requests: RequestStream<GrpcTesting.StreamingOutputCallRequest>,
    _ responses: ResponseStream<GrpcTesting.StreamingOutputCallResponse>,
    _ call: Call
  ) async throws {
    var all: [GrpcTesting.StreamingOutputCallRequest] = []
    for try await request in requests { all.append(request) }
    for request in all { try await send(request, responses, call) }
  }

  func unimplementedCall(_ request: GrpcTesting.Empty, _ call: Call) async throws -> GrpcTesting.Empty {
    throw RPCError(.unimplemented, "no server has this method")
  }

  // MARK: -

  private func send(
    _ request: GrpcTesting.StreamingOutputCallRequest,
    _ responses: ResponseStream<GrpcTesting.StreamingOutputCallResponse>,
    _ call: Call
  ) async throws {
    try fail(request.responseStatus)
    if request.responseParameters.contains(where: { $0.compressed?.value == true }) { call.responseCompression = .gzip }
    for parameters in request.responseParameters {
      if parameters.intervalUs > 0 { try await Task.sleep(for: .microseconds(Int(parameters.intervalUs))) }
      try await responses.send(
        GrpcTesting.StreamingOutputCallResponse(payload: try payload(parameters.size)),
        compressed: parameters.compressed?.value == true
      )
    }
  }

  private func payload(_ size: Int32) throws -> GrpcTesting.Payload {
    guard size >= 0, size <= 64 << 20 else {
      throw RPCError(.invalidArgument, "a payload has from 0 bytes to 64 MiB, not \(size)")
    }
    return GrpcTesting.Payload(type: .compressable, body: [UInt8](repeating: 0, count: Int(size)))
  }

  private func fail(_ status: GrpcTesting.EchoStatus?) throws {
    guard let status, status.code != 0 else { return }
    throw RPCError(StatusCode(rawValue: Int(status.code)) ?? .unknown, status.message)
  }

  private func expectCompression(_ expected: GrpcTesting.BoolValue?, _ call: Call) throws {
    guard let expected, expected.value != call.requestWasCompressed else { return }
    throw RPCError(
      .invalidArgument, "the message came \(call.requestWasCompressed ? "compressed" : "as it is"), unlike it says")
  }

  /// Gives back what the custom_metadata case sends.
  private func echoMetadata(_ call: Call) {
    if let value = call.requestMetadata["x-grpc-test-echo-initial"] {
      call.responseMetadata["x-grpc-test-echo-initial"] = value
    }
    var trailing = Metadata()
    for value in call.requestMetadata.binaryValues("x-grpc-test-echo-trailing-bin") {
      trailing.add("x-grpc-test-echo-trailing-bin", binary: value)
    }
    if !trailing.isEmpty { call.trailingMetadata = trailing }
  }
}
