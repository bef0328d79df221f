/// What may happen next in a call, as the server sees it. A value: it decides, and others do.
///
///     request:   receiving ──end──▶ ended
///     response:  idle ──message──▶ started ──finish──▶ finished
///                  └──────────finish (trailers only)──────▲
struct ServerCallState: Sendable, Equatable {
  enum Response: Sendable, Equatable { case idle, started, finished }

  /// How the response ends.
  enum Ending: Sendable, Equatable {
    /// One header block that says it all.
    case trailersOnly
    /// Headers have gone out or go out now with the staged message.
    case trailers
  }

  let kind: MethodKind
  private(set) var requestCount = 0
  private(set) var requestEnded = false
  private(set) var responseCount = 0
  private(set) var response: Response = .idle

  init(kind: MethodKind) { self.kind = kind }

  /// A whole request message has come in.
  mutating func receiveMessage() throws(RPCError) {
    if kind.hasSingleRequest, requestCount == 1 {
      throw RPCError(.unimplemented, "the method takes one request message, and there are more")
    }
    requestCount &+= 1
  }

  /// The request ends. `malformed` is the status of a request that ends within a message.
  mutating func endRequest(withinMessage: Bool, malformed: StatusCode = .internal) throws(RPCError) {
    requestEnded = true
    if withinMessage { throw RPCError(malformed, "the request ends within a message") }
    if kind.hasSingleRequest, requestCount == 0 {
      throw RPCError(.unimplemented, "the method takes one request message, and there is none")
    }
  }

  /// The handler has a response message. False when the call is over; the message is dropped then.
  ///
  /// A single response is held back until the handler's chain has ended, since an interceptor may still fail the call.
  mutating func sendMessage() -> Bool {
    guard response != .finished else { return false }
    responseCount &+= 1
    if !kind.hasSingleResponse { response = .started }
    return true
  }

  /// The handler asks for the headers to go out before there is a message. False when there is nothing to do.
  mutating func sendHeaders() -> Bool {
    guard response == .idle, !kind.hasSingleResponse else { return false }
    response = .started
    return true
  }

  /// The call ends, for whatever reason. Nil when it has ended before.
  mutating func finish(failed: Bool) -> Ending? {
    guard response != .finished else { return nil }
    let hasContent = response == .started || (!failed && responseCount > 0)
    response = .finished
    return hasContent ? .trailers : .trailersOnly
  }
}
