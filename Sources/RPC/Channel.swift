import Protobuf

/// Where calls go: a connection to a server, or a server in the same process.
public protocol Channel: Sendable {
  /// Begins a call. Typed calls are built on this. What goes wrong the stream says when it is used.
  func open(_ method: MethodDescriptor, options: CallOptions) async throws -> any ClientStream
}

/// A call as a channel runs it: bytes both ways. Any thread may use it; one sender and one receiver at a time.
public protocol ClientStream: AnyObject, Sendable {
  /// Sends a message, and waits while the server is slow to take what was sent.
  /// `compressed` false sends it as it is, where the call's options ask for compression.
  func send(_ message: [UInt8], compressed: Bool) async throws
  /// Says that there are no more messages.
  func finishSending()
  /// The next message, nil at the end of a call that went well; throws `RPCError` when it did not.
  func receive() async throws -> ReceivedMessage?
  /// The metadata of the response, as soon as it is there.
  func responseMetadata() async throws -> Metadata
  /// The metadata that came with the status; empty before that.
  var trailingMetadata: Metadata { get }
  /// Ends the call if it has not ended; the server's handler is cancelled.
  func cancel()
}

/// A single response with its metadata.
public struct UnaryResponse<M: Message>: Sendable {
  public let message: M
  public let metadata: Metadata
  public let trailingMetadata: Metadata
  /// Whether the message was packed on its way.
  public let wasCompressed: Bool
}

extension Channel {
  /// One message each way.
  public func unary<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    options: CallOptions = CallOptions()
  ) async throws -> Response {
    let stream = try await open(method, options: options)
    return try await withTaskCancellationHandler {
      try await stream.sendLast(request.serializedBytes())
      return try await stream.receiveSingle(as: Response.self).message
    } onCancel: {
      stream.cancel()
    }
  }

  /// One message each way, with the metadata of the response.
  public func unaryResponse<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    options: CallOptions = CallOptions()
  ) async throws -> UnaryResponse<Response> {
    let stream = try await open(method, options: options)
    return try await withTaskCancellationHandler {
      try await stream.sendLast(request.serializedBytes())
      let (message, wasCompressed) = try await stream.receiveSingle(as: Response.self)
      return UnaryResponse(
        message: message,
        metadata: try await stream.responseMetadata(),
        trailingMetadata: stream.trailingMetadata,
        wasCompressed: wasCompressed
      )
    } onCancel: {
      stream.cancel()
    }
  }

  /// One message out, many back. The call is cancelled when nobody holds the sequence any more.
  public func serverStreaming<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    options: CallOptions = CallOptions()
  ) async throws -> ResponseSequence<Response> {
    let stream = try await open(method, options: options)
    try await stream.sendLast(request.serializedBytes())
    return ResponseSequence(stream: stream)
  }

  /// Many messages out, one back.
  public func clientStreaming<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    options: CallOptions = CallOptions()
  ) async throws -> ClientStreamingCall<Request, Response> {
    ClientStreamingCall(stream: try await open(method, options: options))
  }

  /// Many messages both ways.
  public func bidirectional<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    options: CallOptions = CallOptions()
  ) async throws -> BidirectionalCall<Request, Response> {
    BidirectionalCall(stream: try await open(method, options: options))
  }
}

extension ClientStream {
  /// Sends the only message. That the server has answered before it took the message is no failure: the answer counts.
  func sendLast(_ message: [UInt8]) async throws {
    do {
      try await send(message, compressed: true)
    } catch is RPCError {
      return
    }
    finishSending()
  }

  func receiveSingle<M: Message>(as: M.Type) async throws -> (message: M, wasCompressed: Bool) {
    guard let received = try await receive() else {
      throw RPCError(.internal, "the server sent no message, and no error")
    }
    guard try await receive() == nil else {
      cancel()
      throw RPCError(.internal, "the server sent more than one message")
    }
    return (try M(decoding: received.bytes), received.wasCompressed)
  }
}

extension Message {
  init(decoding bytes: [UInt8]) throws(RPCError) {
    do throws(MessageDecodingError) {
      self = try Self(serializedBytes: bytes)
    } catch {
      throw RPCError(undecodable: error)
    }
  }
}
