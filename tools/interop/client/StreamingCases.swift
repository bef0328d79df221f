import InteropContract
import RPC

extension InteropCase {
  private typealias OutputRequest = GrpcTesting.StreamingOutputCallRequest
  private static let requestSizes = [27_182, 8, 1_828, 45_904]
  private static let responseSizes: [Int32] = [31_415, 9, 2_653, 58_979]

  func clientStreaming(_ client: GrpcTesting.TestServiceClient) async throws {
    let call = try await client.streamingInputCall()
    for size in Self.requestSizes {
      try await call.send(GrpcTesting.StreamingInputCallRequest(payload: zeros(size)))
    }
    try expect(try await call.finish().aggregatedPayloadSize, 74_922, "the sum of the payloads")
  }

  func clientCompressedStreaming(_ client: GrpcTesting.TestServiceClient) async throws -> String? {
    let packed = GrpcTesting.StreamingInputCallRequest(
      payload: zeros(27_182), expectCompressed: GrpcTesting.BoolValue(value: true))
    let plain = GrpcTesting.StreamingInputCallRequest(
      payload: zeros(45_904), expectCompressed: GrpcTesting.BoolValue(value: false))
    let options = CallOptions(compression: .gzip)
    let note = try await probeCompression {
      let probe = try await client.streamingInputCall(options: options)
      try await probe.send(packed, compressed: false)
      _ = try await probe.finish()
    }
    let call = try await client.streamingInputCall(options: options)
    try await call.send(packed)
    try await call.send(plain, compressed: false)
    try expect(try await call.finish().aggregatedPayloadSize, 73_086, "the sum of the payloads")
    return note
  }

  func serverStreaming(_ client: GrpcTesting.TestServiceClient) async throws {
    let request = OutputRequest(
      responseParameters: Self.responseSizes.map { GrpcTesting.ResponseParameters(size: $0) })
    var sizes: [Int32] = []
    for try await response in try await client.streamingOutputCall(request) {
      sizes.append(Int32(clamping: response.payload?.body.count ?? 0))
    }
    try expect(sizes, Self.responseSizes, "the sizes of the payloads")
  }

  func serverCompressedStreaming(_ client: GrpcTesting.TestServiceClient) async throws {
    let wanted: [(size: Int32, compressed: Bool)] = [(31_415, true), (92_653, false)]
    let request = OutputRequest(
      responseParameters: wanted.map {
        GrpcTesting.ResponseParameters(size: $0.size, compressed: GrpcTesting.BoolValue(value: $0.compressed))
      })
    var responses = try await client.streamingOutputCall(request).makeAsyncIterator()
    for (size, compressed) in wanted {
      let response = try await responses.next()
      try expect(responses.wasCompressed, compressed, "that the response of \(size) bytes is compressed")
      try expectZeros(response?.payload, Int(size))
    }
    try expect(try await responses.next() == nil, true, "the end after two responses")
  }

  func pingPong(_ client: GrpcTesting.TestServiceClient) async throws {
    let call = try await client.fullDuplexCall()
    var responses = call.responses.makeAsyncIterator()
    for (request, response) in zip(Self.requestSizes, Self.responseSizes) {
      try await call.send(ping(request, response))
      try expectZeros(try await responses.next()?.payload, Int(response))
    }
    call.finishSending()
    try expect(try await responses.next() == nil, true, "the end after the last response")
  }

  func emptyStream(_ client: GrpcTesting.TestServiceClient) async throws {
    let call = try await client.fullDuplexCall()
    call.finishSending()
    for try await _ in call.responses { throw Deviation(description: "a response, though none was asked for") }
  }

  func cancelAfterBegin(_ client: GrpcTesting.TestServiceClient) async throws {
    let call = try await client.streamingInputCall()
    call.cancel()
    try await expectFailure(.cancelled) { _ = try await call.finish() }
  }

  func cancelAfterFirstResponse(_ client: GrpcTesting.TestServiceClient) async throws {
    let call = try await client.fullDuplexCall()
    var responses = call.responses.makeAsyncIterator()
    try await call.send(ping(27_182, 31_415))
    try expectZeros(try await responses.next()?.payload, 31_415)
    call.cancel()
    try await expectFailure(.cancelled) { _ = try await responses.next() }
  }

  func timeoutOnSleepingServer(_ client: GrpcTesting.TestServiceClient) async throws {
    try await expectFailure(.deadlineExceeded) {
      let call = try await client.fullDuplexCall(options: CallOptions(timeout: .milliseconds(1)))
      // The time may be up before this is sent; the response tells.
      try? await call.send(OutputRequest(payload: zeros(27_182)))
      for try await _ in call.responses {}
    }
  }

  private func ping(_ requestBytes: Int, _ responseBytes: Int32) -> OutputRequest {
    OutputRequest(
      responseParameters: [GrpcTesting.ResponseParameters(size: responseBytes)], payload: zeros(requestBytes))
  }
}
