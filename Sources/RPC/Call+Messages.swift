import Protobuf

extension Call {
  /// The one message of a request that has ended, of a method that takes one; it keeps the rules of its contract.
  @inlinable
  public func request<M: Message>(as: M.Type = M.self) throws(RPCError) -> M {
    var message: M?
    var failure: MessageDecodingError?
    withSingleRequest { bytes in
      do throws(MessageDecodingError) {
        message = try M(serializedBytes: bytes)
      } catch {
        failure = error
      }
    }
    guard let message else { throw RPCError(undecodable: failure ?? MessageDecodingError(kind: .malformed)) }
    try message.enforceRules()
    return message
  }

  @usableFromInline
  func withSingleRequest(_ body: (UnsafeRawBufferPointer) -> Void) {
    requestWasCompressed = reader.isCompressed
    reader.withMessage(body)
  }

  /// Gives the one message of a response; it leaves when the chain of interceptors has ended well.
  @inlinable
  public func reply(with response: some Message) {
    guard mayReply() else { return }
    response.withSerializedBytes { enqueue($0) }
  }

  /// Counts a message of the response; false when the call is over.
  @usableFromInline
  func mayReply() -> Bool { state.sendMessage() }
}

extension RPCError {
  /// A message that came over the wire and is none.
  @usableFromInline
  init(undecodable error: MessageDecodingError) {
    let place = error.path.isEmpty ? "" : " at \(error.path)"
    switch error.kind {
    case .budgetExceeded:
      self.init(.resourceExhausted, "the message needs more memory than it may\(place)")
    default:
      self.init(.internal, "the message cannot be parsed\(place)")
    }
  }
}
