import Protobuf

/// Goes on with a response when its handler has returned.
public protocol ResponseKeeper: AnyObject {
  /// The call is over, and there is nothing to go on with. On the call's loop.
  func callDidEnd()
}

/// A response that is parked goes on without its handler: no task waits with it, so that thousands of streams on which
/// little happens cost little, a message for many of them wakes nobody, and none counts among the handlers that run. All
/// of it happens on the call's loop.
extension ResponseStream {
  /// Where the call lives.
  package var loop: any CallLoop { call.loop }

  /// Leaves the response to `keeper` once the handler returns, which it does next. The call ends when the keeper has
  /// resumed it and that handler ends, or with its stream or deadline. Interceptors see the first handler end, and by
  /// `Call.whenEnded` the call.
  public func park(with keeper: any ResponseKeeper) { call.keeper = keeper }

  /// Sends a message that was encoded before. False when the client is slow to take what was sent: the keeper then
  /// resumes the call, which waits for the client. Throws when the call is over.
  public func offer(encoded message: EncodedMessage<M>) throws -> Bool {
    let bytes = call.codec == .protobuf ? message.bytes : try call.json(M(serializedBytes: message.bytes))
    return try call.offer { call in bytes.withUnsafeBytes { call.enqueue($0) } }
  }

  /// Takes a parked response back: `handler` goes on with it in a task, as soon as the client has room for more.
  public func resume(_ handler: nonisolated(nonsending) @escaping @Sendable () async throws -> Void) {
    call.resume { call in
      if call.isFull { try await call.waitForRoom() }
      try await handler()
    }
  }
}

extension Call {
  fileprivate func resume(_ handler: @escaping CallHandler) {
    keeper = nil
    resumption = handler
    guard isParked else { return }  // else it is seen when the first handler ends
    isParked = false
    becomeReady()
  }

  /// Runs the handler: the endpoint's, or the one that goes on with a call that was parked.
  func takeResumption() -> CallHandler? {
    guard resumption != nil else { return nil }
    defer { resumption = nil }
    return resumption
  }

  /// Whether the call goes on though its handler has returned.
  func goesOn() -> Bool {
    guard state.response != .finished else { return false }
    if resumption != nil {
      becomeReady()
      return true
    }
    isParked = keeper != nil
    return isParked
  }

  /// The call is over: the keeper hears so. True when nothing but the keeper went on with it.
  func leaveKeeper() -> Bool {
    resumption = nil
    let keeper = keeper
    self.keeper = nil
    keeper?.callDidEnd()
    defer { isParked = false }
    return isParked
  }
}
