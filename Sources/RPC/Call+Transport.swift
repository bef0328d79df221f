// What a transport tells a call. Everything here runs on the call's loop.
extension Call {
  /// The request's headers are in: they decide whether the call goes on. A handler of streamed requests starts now,
  /// others when the request has ended.
  public func begin() {
    if endpoint.hasAdmissions || state.kind != .unary {
      do throws(RPCError) {
        try admit()
      } catch {
        return fail(error)
      }
    }
    if !state.kind.hasSingleRequest { startHandler() }
  }

  /// A part of the request's body.
  public func receive(_ bytes: UnsafeRawBufferPointer) {
    guard state.response != .finished else {
      transport?.consume(bytes.count)
      return
    }
    unconsumedBytes &+= bytes.count
    var offset = 0
    do throws(RPCError) {
      while offset < bytes.count {
        guard try reader.read(bytes, &offset) else { break }
        try state.receiveMessage()
        if !state.kind.hasSingleRequest {
          let wasCompressed = reader.isCompressed
          deliver(ReceivedMessage(bytes: reader.take(), wasCompressed: wasCompressed))
        }
      }
    } catch {
      fail(error)
      return
    }
    // A single request that is whole has nothing to follow it that would need a window.
    if state.kind.hasSingleRequest ? reader.isWithinMessage : requests.isEmpty { consumeAll() }
  }

  /// The request has ended.
  public func receiveEnd() {
    guard !state.requestEnded else { return }
    do throws(RPCError) {
      try state.endRequest(withinMessage: reader.isWithinMessage, malformed: malformedRequest)
    } catch {
      fail(error)
      return
    }
    guard state.response != .finished else { return }
    if state.kind.hasSingleRequest {
      startHandler()
    } else if requests.isEmpty, let waiter = requestWaiter {
      requestWaiter = nil
      waiter.resume(returning: nil)
    }
  }

  /// The deadline has passed: the client hears so, and the handler is cancelled.
  public func expire() {
    fail(RPCError(.deadlineExceeded, "the deadline has passed"))
  }

  /// The call cannot go on, and the client hears why; the handler is cancelled.
  public func fail(_ error: RPCError) {
    finish(error)
    interrupt(with: error)
  }

  /// The stream is gone: nobody hears anything any more, and the handler is cancelled.
  public func disconnect(_ error: RPCError) {
    let isEnd = state.finish(failed: true) != nil
    transport = nil
    if isEnd { didEnd(error) }
    interrupt(with: error)
  }

  /// Response bytes have left.
  public func responseDidDrain() {
    guard !sendWaiters.isEmpty, let transport, transport.queuedBytes <= responseHighWaterBytes / 2
    else { return }
    let waiters = sendWaiters
    sendWaiters = []
    for waiter in waiters { waiter.resume() }
  }

  // MARK: -

  private func startHandler() {
    guard state.response != .finished else { return }
    // The timer comes a few milliseconds late, and a handler that does not wait would be done by then.
    if let deadline, deadline.timeRemaining == .zero { return expire() }
    becomeReady()
  }

  private func admit() throws(RPCError) {
    for admission in endpoint.admissions { try admission.admit(self) }
    if state.kind != .unary { try openStream() }
  }

  /// Counts the call among the streams of its peer's address. A peer with a certificate, such as a proxy for many clients,
  /// is authenticated by it.
  private func openStream() throws(RPCError) {
    let isAuthenticated = principal != nil || peer.certificate != nil
    do throws(RPCError) {
      streamPlace = try connection.context.openStreams.open(connection.openStreams, isAuthenticated: isAuthenticated)
    } catch {
      connection.context.incidents.report("call refused: too many streams", peer: connection.peer.address)
      throw error
    }
  }

  func closeStream() {
    guard let place = streamPlace else { return }
    streamPlace = nil
    connection.context.openStreams.close(place)
  }

  /// The handler has not ended when it first waits: this is the task to cancel from now on.
  func handlerWaits(in task: Task<Void, Never>) {
    self.task = task
    if wasInterrupted { task.cancel() }
  }

  /// The handler has ended, or there is no use for it any more.
  func handlerDidEnd(_ error: (any Error)?) {
    task = nil
    endTurn()
    if error == nil, replyFailure == nil, goesOn() { return }
    _ = leaveKeeper()
    handlerEnded = true
    if endpoint.isCostly, error == nil, replyFailure == nil { sendStagedReply() }
    finish(error.map { $0 as? RPCError ?? unexpected($0) } ?? replyFailure)
  }

  private func finish(_ error: RPCError?) {
    var error = error
    if let code = error?.code, code == .ok { error?.code = .unknown }
    if error == nil, state.kind.hasSingleResponse, state.responseCount == 0, state.response != .finished {
      logger.error("no response: an interceptor did not call next")
      error = RPCError(.internal, "no response")
    }
    guard let transport, let ending = state.finish(failed: error != nil) else { return }
    if ending == .trailers, state.kind.hasSingleResponse { sendHeaders(transport) }
    var trailers = trailingMetadataIfAny
    if ending == .trailersOnly, var metadata = responseMetadataIfAny {
      // There is one header block, and it carries both.
      if let trailers { metadata.append(contentsOf: trailers) }
      trailers = metadata
    }
    transport.finish(error, trailers: trailers, requestEnded: state.requestEnded)
    self.transport = nil
    didEnd(error)
  }

  private func unexpected(_ error: any Error) -> RPCError {
    if error is CancellationError {
      if let deadline, deadline.timeRemaining == .zero {
        return RPCError(.deadlineExceeded, "the deadline has passed")
      }
      return RPCError(.cancelled, "the call was cancelled")
    }
    let id = id
    logger.error("unexpected error", metadata: ["error": .string(String(reflecting: error))])
    return RPCError(.internal, "internal error (\(id))")
  }

  /// Whether the handler was told to stop.
  var wasInterrupted: Bool { requestFailure != nil }

  /// Wakes whoever waits in the handler, and cancels it.
  private func interrupt(with error: RPCError) {
    requests.removeAll()
    requestFailure = error
    if let waiter = requestWaiter {
      requestWaiter = nil
      waiter.resume(throwing: error)
    }
    let waiters = sendWaiters
    sendWaiters = []
    for waiter in waiters { waiter.resume(throwing: error) }
    task?.cancel()
    leaveTurn()
    if leaveKeeper() { handlerDidEnd(nil) }
  }

  private func deliver(_ message: ReceivedMessage) {
    if let waiter = requestWaiter {
      requestWaiter = nil
      waiter.resume(returning: message)
    } else {
      requests.append(message)
    }
  }

  private func consumeAll() {
    guard unconsumedBytes > 0 else { return }
    transport?.consume(unconsumedBytes)
    unconsumedBytes = 0
  }
}

// What a handler asks of its call, by way of the streams.
extension Call {
  /// The next message of a streamed request; nil at its end.
  func nextRequest() async throws -> [UInt8]? {
    let message =
      if loop.isCurrent {
        try await nextRequestOnLoop()
      } else {
        try await withTaskExecutorPreference(loop) { try await self.nextRequestOnLoop() }
      }
    requestWasCompressed = message?.wasCompressed ?? false
    return message?.bytes
  }

  private func nextRequestOnLoop() async throws -> ReceivedMessage? {
    guard var message = try await nextPackedRequest() else { return nil }
    if message.wasCompressed { message.bytes = try reader.unpack(message.bytes) }
    return message
  }

  private func nextPackedRequest() async throws -> ReceivedMessage? {
    if let message = requests.popFirst() {
      if requests.isEmpty { consumeAll() }
      return message
    }
    if let requestFailure { throw requestFailure }
    if state.requestEnded { return nil }
    if handlerEnded { throw RPCError(.cancelled, "the call has ended") }
    guard requestWaiter == nil else {
      throw RPCError(.internal, "a request stream has one reader at a time")
    }
    return try await waitForPeer {
      try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<ReceivedMessage?, any Error>) in
          if Task.isCancelled {
            continuation.resume(throwing: CancellationError())
          } else {
            requestWaiter = continuation
          }
        }
      } onCancel: {
        loop.execute { [self] in
          // When the whole call is interrupted the waiter is gone by now, with a better reason.
          if let waiter = requestWaiter {
            requestWaiter = nil
            waiter.resume(throwing: CancellationError())
          }
        }
      }
    }
  }

  /// Sends a message of a streamed response, and waits while the call has too much queued.
  func send(_ enqueue: @Sendable (Call) -> Void) async throws {
    guard loop.isCurrent else {
      return try await withTaskExecutorPreference(loop) { try await self.sendOnLoop(enqueue) }
    }
    try await sendOnLoop(enqueue)
  }

  private func sendOnLoop(_ enqueue: @Sendable (Call) -> Void) async throws {
    if try !offer(enqueue) { try await waitForRoom() }
  }

  /// Sends a message of a streamed response. False when the call has too much queued now.
  func offer(_ enqueue: (Call) -> Void) throws(RPCError) -> Bool {
    let isFirst = state.response == .idle
    guard let transport, state.sendMessage() else {
      throw requestFailure ?? RPCError(.cancelled, "the call has ended")
    }
    if isFirst { sendHeaders(transport) }
    enqueue(self)
    return transport.queuedBytes <= responseHighWaterBytes
  }

  /// Whether the call has too much queued.
  var isFull: Bool {
    guard let transport else { return false }
    return transport.queuedBytes > responseHighWaterBytes
  }

  func waitForRoom() async throws {
    try await waitForPeer {
      try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
          if Task.isCancelled {
            continuation.resume(throwing: CancellationError())
          } else {
            sendWaiters.append(continuation)
          }
        }
      } onCancel: {
        loop.execute { [self] in
          // Which of several waiters was cancelled does not matter: a cancelled send ends the stream for all.
          let waiters = sendWaiters
          sendWaiters = []
          for waiter in waiters { waiter.resume(throwing: CancellationError()) }
        }
      }
    }
  }

  /// Sends the response headers before there is a message.
  func sendHeadersNow() async throws {
    guard loop.isCurrent else {
      return try await withTaskExecutorPreference(loop) { try await self.sendHeadersNow() }
    }
    if let transport, state.sendHeaders() { sendHeaders(transport) }
  }

  private func sendHeaders(_ transport: any ServerTransport) {
    transport.sendHeaders(responseMetadataIfAny, compression: decideCompression())
  }

  private func decideCompression() -> Compression {
    if let compression { return compression }
    let compression = negotiatedCompression
    self.compression = compression
    return compression
  }

  /// Queues a message of the response, packed if that was agreed on and pays. `compressed` false leaves it as it is.
  @usableFromInline
  func enqueue(_ message: UnsafeRawBufferPointer, compressed: Bool = true) {
    guard let transport else { return }
    let compression = decideCompression()
    if compression != .identity, compressed, message.count >= connection.context.minCompressedResponseBytes,
      let packed = compression.pack(message)
    {
      packed.withUnsafeBytes { transport.enqueue($0, isCompressed: true) }
    } else {
      transport.enqueue(message, isCompressed: false)
    }
  }
}
