import Testing

@testable import RPC

struct CallStateTests {
  @Test(arguments: [MethodKind.unary, .serverStreaming])
  func singleRequestTakesOneMessage(_ kind: MethodKind) throws {
    var none = ServerCallState(kind: kind)
    #expect(throws: RPCError.self) { try none.endRequest(withinMessage: false) }
    var two = ServerCallState(kind: kind)
    try two.receiveMessage()
    let error = #expect(throws: RPCError.self) { try two.receiveMessage() }
    #expect(error?.code == .unimplemented)
    var one = ServerCallState(kind: kind)
    try one.receiveMessage()
    try one.endRequest(withinMessage: false)
  }

  @Test(arguments: [MethodKind.clientStreaming, .bidirectional])
  func streamedRequestTakesAnyNumber(_ kind: MethodKind) throws {
    var state = ServerCallState(kind: kind)
    try state.endRequest(withinMessage: false)
    state = ServerCallState(kind: kind)
    for _ in 0..<3 { try state.receiveMessage() }
    try state.endRequest(withinMessage: false)
  }

  @Test func endWithinAMessage() {
    var state = ServerCallState(kind: .bidirectional)
    let error = #expect(throws: RPCError.self) { try state.endRequest(withinMessage: true) }
    #expect(error?.code == .internal)
  }

  @Test func endings() {
    var answered = ServerCallState(kind: .unary)
    let step1 = answered.sendMessage()
    #expect(step1)
    let step2 = answered.finish(failed: false)
    #expect(step2 == .trailers)
    let step3 = answered.finish(failed: true)
    #expect(step3 == nil)
    let step4 = answered.sendMessage()
    #expect(!step4)
    var failedLate = ServerCallState(kind: .unary)
    let step5 = failedLate.sendMessage()
    #expect(step5)
    let step6 = failedLate.finish(failed: true)
    #expect(step6 == .trailersOnly)
    var silent = ServerCallState(kind: .serverStreaming)
    let step7 = silent.finish(failed: false)
    #expect(step7 == .trailersOnly)
    var streamed = ServerCallState(kind: .serverStreaming)
    let step8 = streamed.sendMessage()
    #expect(step8)
    let step9 = streamed.finish(failed: true)
    #expect(step9 == .trailers)
    var early = ServerCallState(kind: .bidirectional)
    let step10 = early.sendHeaders()
    #expect(step10)
    let step11 = early.sendHeaders()
    #expect(!step11)
    let step12 = early.finish(failed: true)
    #expect(step12 == .trailers)
  }

  @Test func clientBlocks() {
    var ok: Metadata = ["x": "1"]
    ok.append(contentsOf: StatusTrailers.encode(nil))
    var state = ClientCallState()
    let block13 = state.receive(httpStatus: 103, isGRPC: false, fields: Metadata(), end: false)
    #expect(block13 == .nothing)
    let block14 = state.receive(httpStatus: 200, isGRPC: true, fields: ["a": "b"], end: false)
    #expect(block14 == .headers(["a": "b"]))
    let block15 = state.receive(httpStatus: nil, isGRPC: true, fields: ok, end: true)
    #expect(block15 == .end(nil, trailers: ["x": "1"]))
  }

  // The mapping of gRPC's "HTTP to gRPC status code mapping".
  @Test(
    arguments: [
      (400, .internal), (401, .unauthenticated), (403, .permissionDenied), (404, .unimplemented), (429, .unavailable),
      (502, .unavailable), (503, .unavailable), (504, .unavailable), (500, .unknown), (302, .unknown),
    ] as [(Int, StatusCode)]
  )
  func httpStatus(_ status: Int, _ code: StatusCode) {
    var state = ClientCallState()
    guard case .end(let error, _) = state.receive(httpStatus: status, isGRPC: false, fields: Metadata(), end: true)
    else {
      Issue.record("the call goes on")
      return
    }
    #expect(error?.code == code)
  }

  @Test(
    arguments: [
      (0, .internal), (7, .unavailable), (8, .cancelled), (11, .resourceExhausted), (12, .permissionDenied),
      (2, .internal),
    ] as [(UInt32, StatusCode)]
  )
  func resetCodes(_ code: UInt32, _ status: StatusCode) {
    #expect(StatusCode(http2ErrorCode: code) == status)
  }

  @Test func statusTravelsWithItsDetails() {
    let error = RPCError.badRequest(
      [.init(field: "amount.minor_units", description: "must be positive", reason: "TOO_SMALL")],
      reason: "BAD"
    )
    var trailers = StatusTrailers.encode(error)
    let status = StatusTrailers.decode(&trailers)
    #expect(status == .failed(error))
    #expect(trailers.isEmpty)
  }
}
