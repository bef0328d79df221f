/// How a call ended, for those who count, measure or log calls.
extension Call {
  /// Runs `body` once, when the call is over, with the status that it has: nil is OK. Of several, the last one given runs
  /// first. On the call's loop, so it must not block.
  ///
  /// An interceptor that waits for `next` sees a handler end, which is something else: the call may have ended before, by its
  /// deadline or because the client has gone; it goes on where a response is parked; and what the client hears is decided
  /// after the last interceptor, such as INTERNAL for an error that nobody expected.
  public func whenEnded(_ body: @escaping @Sendable (RPCError?) -> Void) {
    if loop.isCurrent { addEndObserver(body) } else { loop.execute { self.addEndObserver(body) } }
  }

  private func addEndObserver(_ body: @escaping @Sendable (RPCError?) -> Void) {
    if state.response == .finished { body(endError) } else { endObservers.append(body) }
  }

  /// The response is finished, or nobody is there any more who waits for it.
  func didEnd(_ error: RPCError?) {
    if let error { endError = error }
    closeStream()
    guard !endObservers.isEmpty else { return }
    let observers = endObservers
    endObservers = []
    for observer in observers.reversed() { observer(error) }
  }
}
