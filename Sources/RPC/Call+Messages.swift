import Protobuf

extension Call {
  /// The one message of a request that has ended, once it is known to keep the rules of its contract.
  func decodeSingleRequest<M: Message>(as: M.Type) throws(RPCError) -> M {
    let request: M
    do throws(MessageDecodingError) {
      request = try reader.withMessage { (bytes) throws(MessageDecodingError) in
        try M(serializedBytes: bytes, limits: .default)
      }
    } catch {
      throw RPCError(undecodable: error)
    }
    try request.enforceRules()
    return request
  }

  /// The one message of a response; it leaves when the chain of interceptors has ended well.
  func stageSingleResponse(_ response: some Message) {
    guard let transport, state.sendMessage() else { return }
    response.withSerializedBytes { transport.enqueue($0) }
  }
}

extension RPCError {
  /// A message that came over the wire and is none.
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
