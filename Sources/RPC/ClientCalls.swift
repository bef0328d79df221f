import Protobuf

/// Cancels a call when the last who could use it lets go.
final class StreamLifetime: Sendable {
  let stream: any ClientStream

  init(_ stream: any ClientStream) { self.stream = stream }

  deinit { stream.cancel() }
}

/// The messages of a streamed response, in order. One reader at a time; reading lets the server send more.
/// The call is cancelled when nobody holds the sequence or its iterator any more.
public struct ResponseSequence<Element: Message>: AsyncSequence, Sendable {
  let lifetime: StreamLifetime

  init(stream: any ClientStream) { lifetime = StreamLifetime(stream) }

  init(lifetime: StreamLifetime) { self.lifetime = lifetime }

  public struct AsyncIterator: AsyncIteratorProtocol {
    let lifetime: StreamLifetime
    /// Whether the latest message was packed on its way.
    public private(set) var wasCompressed = false

    public mutating func next() async throws -> Element? {
      let stream = lifetime.stream
      let received = try await withTaskCancellationHandler {
        try await stream.receive()
      } onCancel: {
        stream.cancel()
      }
      guard let received else { return nil }
      wasCompressed = received.wasCompressed
      return try Element(decoding: received.bytes)
    }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(lifetime: lifetime) }

  /// The metadata of the response, as soon as it is there.
  public var metadata: Metadata {
    get async throws { try await lifetime.stream.responseMetadata() }
  }

  /// The metadata that came with the status; empty before the sequence has ended.
  public var trailingMetadata: Metadata { lifetime.stream.trailingMetadata }

  /// Ends the call.
  public func cancel() { lifetime.stream.cancel() }
}

/// A call that sends many messages and gets one.
public struct ClientStreamingCall<Request: Message, Response: Message>: Sendable {
  let lifetime: StreamLifetime

  init(stream: any ClientStream) { lifetime = StreamLifetime(stream) }

  /// Sends a message, and waits while the server is slow to take what was sent.
  /// `compressed` false sends it as it is, where the call's options ask for compression.
  public func send(_ message: Request, compressed: Bool = true) async throws {
    try await lifetime.stream.send(message.serializedBytes(), compressed: compressed)
  }

  /// Says that there are no more messages, and waits for the response.
  public func finish() async throws -> Response {
    let stream = lifetime.stream
    stream.finishSending()
    return try await withTaskCancellationHandler {
      try await stream.receiveSingle(as: Response.self).message
    } onCancel: {
      stream.cancel()
    }
  }

  /// Ends the call.
  public func cancel() { lifetime.stream.cancel() }
}

/// A call that sends many messages and gets many.
public struct BidirectionalCall<Request: Message, Response: Message>: Sendable {
  let lifetime: StreamLifetime
  /// The messages of the server.
  public let responses: ResponseSequence<Response>

  init(stream: any ClientStream) {
    lifetime = StreamLifetime(stream)
    responses = ResponseSequence(lifetime: lifetime)
  }

  /// Sends a message, and waits while the server is slow to take what was sent.
  /// `compressed` false sends it as it is, where the call's options ask for compression.
  public func send(_ message: Request, compressed: Bool = true) async throws {
    try await lifetime.stream.send(message.serializedBytes(), compressed: compressed)
  }

  /// Says that there are no more messages.
  public func finishSending() { lifetime.stream.finishSending() }

  /// Ends the call.
  public func cancel() { lifetime.stream.cancel() }
}
