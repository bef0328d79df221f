import Protobuf

extension Call {
  /// The one message of a request that has ended, of a method that takes one; it keeps the rules of its contract.
  @inlinable
  public func request<M: Message>(as: M.Type = M.self) throws(RPCError) -> M {
    try decode(singleRequestBytes())
  }

  @usableFromInline
  func singleRequestBytes() throws(RPCError) -> [UInt8] {
    requestWasCompressed = reader.isCompressed
    return requestWasCompressed ? try reader.unpack(reader.message) : reader.message
  }

  /// A message of the request, however it is written; it keeps the rules of its contract.
  @inlinable
  func decode<M: Message>(_ bytes: [UInt8]) throws(RPCError) -> M {
    guard codec == .protobuf else { return try decodeJSON(bytes) }
    let message: M
    do throws(MessageDecodingError) {
      message = try M(serializedBytes: bytes)
    } catch {
      throw RPCError(undecodable: error, malformed: malformedRequest)
    }
    try message.enforceRules()
    return message
  }

  @usableFromInline
  func decodeJSON<M: Message>(_ bytes: [UInt8]) throws(RPCError) -> M {
    let message: M
    do throws(JSONDecodingError) {
      message = try M(jsonUTF8Bytes: bytes.isEmpty ? Array("{}".utf8) : bytes)
    } catch {
      throw RPCError(malformedRequest, "the request is not a \(M.protoName) in JSON: \(error)")
    }
    try message.enforceRules()
    return message
  }

  /// Gives the one message of a response; it leaves when the chain of interceptors has ended well.
  @inlinable
  public func reply(with response: some Message) {
    guard !isCostly else { return stage(response) }
    guard mayReply() else { return }
    if codec == .protobuf {
      response.withSerializedBytes { enqueue($0) }
    } else {
      replyInJSON(response)
    }
  }

  @usableFromInline
  func replyInJSON(_ response: some Message) {
    do throws(RPCError) {
      try json(response).withUnsafeBytes { enqueue($0) }
    } catch {
      replyFailure = error
    }
  }

  /// Whether the handler runs on another thread than the call's loop.
  @usableFromInline
  var isCostly: Bool { endpoint.isCostly }

  /// Keeps the one message of a response, as it leaves, until the handler has ended.
  @usableFromInline
  func stage(_ response: some Message) {
    do throws(RPCError) {
      stagedReply = codec == .protobuf ? response.serializedBytes() : try json(response)
    } catch {
      replyFailure = error
    }
  }

  func sendStagedReply() {
    guard let reply = stagedReply else { return }
    stagedReply = nil
    if mayReply() { reply.withUnsafeBytes { enqueue($0) } }
  }

  /// A message of the response in JSON.
  func json(_ message: some Message) throws(RPCError) -> [UInt8] {
    do throws(JSONEncodingError) {
      return try message.jsonUTF8Bytes()
    } catch {
      logger.error("a response has no form in JSON", metadata: ["error": "\(error)"])
      throw RPCError(.internal, "the response has no form in JSON")
    }
  }

  /// Counts a message of the response; false when the call is over.
  @usableFromInline
  func mayReply() -> Bool { state.sendMessage() }
}

extension RPCError {
  /// A message that came over the wire and cannot be decoded. `malformed` is the status of one that breaks the format.
  @usableFromInline
  init(undecodable error: MessageDecodingError, malformed: StatusCode = .internal) {
    let place = error.path.isEmpty ? "" : " at \(error.path)"
    switch error.kind {
    case .budgetExceeded:
      self.init(.resourceExhausted, "the message needs more memory than it may\(place)")
    default:
      self.init(malformed, "the message cannot be parsed\(place)")
    }
  }
}
