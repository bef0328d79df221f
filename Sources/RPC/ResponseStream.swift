import Protobuf

/// Where a handler puts the messages of a streamed response.
public struct ResponseStream<M: Message>: Sendable {
  let call: Call

  /// The response of a call whose method gives many messages.
  public init(_ call: Call) { self.call = call }

  /// Sends a message, and waits while the client is slow to take what was sent. Throws when the call is over.
  ///
  /// `compressed` false sends it as it is where the others are packed, see `Call.responseCompression`.
  public func send(_ message: M, compressed: Bool = true) async throws {
    if call.codec == .protobuf {
      try await call.send { call in message.withSerializedBytes { call.enqueue($0, compressed: compressed) } }
    } else {
      let json = try call.json(message)
      try await call.send { call in json.withUnsafeBytes { call.enqueue($0, compressed: compressed) } }
    }
  }

  /// Sends a message that was encoded before, once for all who get it.
  public func send(encoded message: EncodedMessage<M>) async throws {
    guard call.codec == .protobuf else { return try await send(M(serializedBytes: message.bytes)) }
    try await call.send { call in message.bytes.withUnsafeBytes { call.enqueue($0) } }
  }

  /// Sends the response headers now, so that the client knows that the call was accepted.
  public func sendHeaders() async throws { try await call.sendHeadersNow() }
}

/// A message in its wire form, to send to many without encoding it again.
public struct EncodedMessage<M: Message>: Sendable {
  let bytes: [UInt8]

  public init(_ message: M) { bytes = message.serializedBytes() }

  /// Bytes that are known to be an encoded `M`, such as stored ones.
  public init(serializedBytes: [UInt8]) { bytes = serializedBytes }
}
