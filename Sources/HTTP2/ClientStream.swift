import CNghttp2
import NIOConcurrencyHelpers
import NIOCore
import RPC

/// A call of a client: an attempt on a connection, and another one where the first comes to nothing. All state belongs to
/// the loop but what the lock holds.
final class HTTP2ClientStream: SessionStream, ClientStream, @unchecked Sendable {
  private let executor: LoopExecutor
  private let balancer: Balancer
  private let budget: RetryBudget
  private let limits: ClientLimits
  private let method: MethodDescriptor
  private let options: CallOptions
  private let trailers = NIOLockedValueBox(Metadata())
  private let timer = TimerEntry()
  private var attempts: Attempts
  private var inbox = ClientInbox()
  private var outbound = OutboundBuffer(keepsSent: true)
  private var sendingEnded = false
  private var senders: [CheckedContinuation<Void, any Error>] = []
  /// The wait before the next attempt, once the server has ended this one.
  private var nextAttempt: Duration?
  private var waitsForAttempt: Scheduled<Void>?

  // Of the attempt.

  /// Nil before the stream is open and after it is over.
  private var connection: ClientConnection?
  private var response = ResponseHead()
  private var state = ClientCallState()
  private var reader: MessageReader
  /// The last of the request has been handed out.
  private var hasSentEnd = false
  /// The server has said all.
  private var hasReceivedEnd = false
  /// Why the request cannot be sent.
  private var failure: RPCError?
  private var isWaiting = false
  private var unconsumedBytes = 0
  /// A connection has taken the call.
  private var wasPlaced = false
  /// The server has reset the stream.
  private var wasReset = false

  init(
    _ method: MethodDescriptor,
    options: CallOptions,
    retryPolicy: RetryPolicy?,
    balancer: Balancer,
    budget: RetryBudget,
    connector: Connector
  ) {
    self.method = method
    self.options = options
    self.balancer = balancer
    self.budget = budget
    executor = connector.executor
    limits = connector.limits
    attempts = Attempts(policy: retryPolicy)
    reader = MessageReader(maxMessageBytes: options.maxResponseBytes)
  }

  // MARK: From the channel, on the loop

  var isFinished: Bool { inbox.isFinished }
  var waitsForReady: Bool { options.waitsForReady ?? false }

  func start() {
    if let deadline = options.deadline {
      timer.onExpiry = { [unowned self] in expire() }
      executor.timers.schedule(timer, at: deadline.nanoseconds)
    }
    balancer.place(self)
  }

  /// Opens a stream for an attempt. False when the connection takes none.
  func begin(on connection: ClientConnection) -> Bool {
    guard !inbox.isFinished else { return true }
    let remaining = options.deadline?.timeRemaining
    guard remaining != .zero else {
      expire()
      return true
    }
    let headers = HeaderList(
      connection.isSecure ? .secureRequest : .request,
      Metadata(
        requestFor: method, options: options, authority: connection.authority, timeout: remaining,
        previousAttempts: attempts.previous)
    )
    guard headers.byteCount <= limits.maxRequestHeaderBytes else {
      let limit = limits.maxRequestHeaderBytes
      abort(RPCError(.resourceExhausted, "the header fields of the request are over the limit of \(limit) bytes"))
      return true
    }
    guard let id = connection.open(self, headers) else { return false }
    self.id = id
    self.connection = connection
    wasPlaced = true
    return true
  }

  /// There is no connection, and none is to be waited for.
  func remainsWithoutConnection(_ error: RPCError) { end(.failed(error)) }

  private func expire() {
    let reason = wasPlaced ? "" : ": \(balancer.lastFailure.message)"
    abort(RPCError(.deadlineExceeded, "the deadline has passed" + reason))
  }

  // MARK: From callers, on any thread

  func send(_ message: [UInt8], compressed: Bool) async throws {
    guard message.count <= options.maxRequestBytes else {
      let error = RPCError(
        .resourceExhausted, "a request of \(message.count) bytes is over the limit of \(options.maxRequestBytes) bytes")
      executor.execute { self.abort(error) }
      throw error
    }
    let packed = compressed ? message.withUnsafeBytes { options.compression.pack($0) } : nil
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        executor.execute { self.accept(packed ?? message, isCompressed: packed != nil, continuation) }
      }
    } onCancel: {
      cancel()
    }
  }

  private func accept(
    _ message: [UInt8],
    isCompressed: Bool,
    _ continuation: CheckedContinuation<Void, any Error>
  ) {
    guard !sendingEnded, !inbox.isFinished else {
      continuation.resume(throwing: inbox.failure ?? RPCError(.cancelled, "the call has ended"))
      return
    }
    let heldCount = outbound.heldCount
    message.withUnsafeBytes { outbound.append(message: $0, isCompressed: isCompressed) }
    if outbound.keepsSent, !budget.take(outbound.heldCount, from: heldCount) { commit(heldCount) }
    resume()
    if outbound.count > limits.requestHighWaterBytes {
      senders.append(continuation)
    } else {
      continuation.resume()
    }
  }

  func finishSending() {
    executor.execute { [self] in
      sendingEnded = true
      resume()
    }
  }

  func receive() async throws -> ReceivedMessage? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        executor.execute { [self] in
          inbox.next(continuation)
          if inbox.isEmpty { consumeAll() }
        }
      }
    } onCancel: {
      cancel()
    }
  }

  func responseMetadata() async throws -> Metadata {
    try await withCheckedThrowingContinuation { continuation in
      executor.execute { self.inbox.metadata(continuation) }
    }
  }

  var trailingMetadata: Metadata { trailers.withLockedValue { $0 } }

  func cancel() {
    executor.execute { self.abort(RPCError(.cancelled, "the call was cancelled")) }
  }

  // MARK: From the session

  override func receive(header name: Span<UInt8>, value: Span<UInt8>) { response.receive(name, value) }

  override func receiveHeaders(end: Bool) {
    hasReceivedEnd = end
    let head = response
    response = ResponseHead()
    guard head.byteCount <= limits.maxHeaderBytes else {
      let excess = "of \(head.byteCount) bytes are over the limit of \(limits.maxHeaderBytes) bytes"
      return abort(RPCError(.resourceExhausted, "the header fields of the response \(excess)"))
    }
    switch state.receive(httpStatus: head.status, isGRPC: head.isGRPC, fields: head.fields, end: end) {
    case .nothing: break
    case .headers(let metadata):
      guard let encoding = head.encoding else {
        abort(RPCError(.internal, "the server packs messages in an encoding that was not offered"))
        return
      }
      commit(outbound.heldCount)
      reader.compression = encoding
      inbox.receive(metadata: metadata)
    case .end(let error, let trailers):
      if let error {
        self.end(.failed(error, pushback: trailers["grpc-retry-pushback-ms"]), trailers)
      } else if reader.isWithinMessage {
        self.end(.failed(RPCError(.internal, "the response ends within a message")), trailers)
      } else {
        self.end(.succeeded, trailers)
      }
    }
  }

  override func receive(data: UnsafeRawBufferPointer) {
    unconsumedBytes += data.count
    var offset = 0
    do throws(RPCError) {
      while offset < data.count, !inbox.isFinished {
        guard try reader.read(data, &offset) else { break }
        let wasCompressed = reader.isCompressed
        let message = reader.take()
        inbox.receive(
          message: ReceivedMessage(
            bytes: wasCompressed ? try reader.unpack(message) : message, wasCompressed: wasCompressed))
      }
    } catch {
      abort(error)
    }
    if inbox.isEmpty { consumeAll() }
  }

  override func receiveEnd() {
    hasReceivedEnd = true
    // Without trailers before it, the end is one too many.
    end(.failed(RPCError(.unknown, "the server sent no status")))
  }

  /// Nothing of the request has left.
  override func didNotSend(_ libraryError: Int32) {
    failure = RPCError(.internal, "the request cannot be sent: \(Session.meaning(ofLibraryError: libraryError))")
  }

  override func didClose(errorCode: UInt32) {
    let connection = connection
    self.connection = nil
    connection?.remove(self)
    if let delay = nextAttempt { return tryAgain(after: delay) }
    if let failure { return end(.failed(failure)) }
    let error = RPCError(StatusCode(http2ErrorCode: errorCode), closeReason(errorCode))
    end(errorCode == NGHTTP2_REFUSED_STREAM.rawValue ? .unprocessed(error) : .failed(error))
  }

  override func receiveReset() { wasReset = true }

  private func closeReason(_ errorCode: UInt32) -> String {
    let name = "\(Session.name(ofError: errorCode)) (HTTP/2 error code \(errorCode))"
    if wasReset { return "the server reset the stream with \(name)" }
    // A GOAWAY leaves out the streams that the server did not look at.
    if errorCode == NGHTTP2_REFUSED_STREAM.rawValue { return "the server went away before it began the call" }
    return "the response breaks the HTTP/2 protocol: \(name)"
  }

  override func produce(into buffer: UnsafeMutableRawBufferPointer) -> Session.Production {
    let count = outbound.move(to: buffer)
    if outbound.count <= limits.requestHighWaterBytes / 2 { releaseSenders() }
    if outbound.count == 0, sendingEnded {
      hasSentEnd = true
      return .last(count, trailers: nil)
    }
    if count == 0 {
      isWaiting = true
      return .wait
    }
    return .bytes(count)
  }

  /// The connection is gone.
  func abandon(wasSent: Bool, because reason: String) {
    connection = nil
    if let delay = nextAttempt { return tryAgain(after: delay) }
    let error = RPCError(.unavailable, "the connection was lost: \(reason)")
    end(wasSent ? .failed(error) : .unsent(error))
  }

  // MARK: -

  /// The attempt is over, and perhaps the call.
  private func end(_ outcome: Attempts.Outcome, _ trailers: Metadata = Metadata()) {
    guard !inbox.isFinished, nextAttempt == nil else { return }
    switch attempts.judge(outcome, throttle: &budget.throttle) {
    case .end(let error):
      if !trailers.isEmpty { self.trailers.withLockedValue { $0 = trailers } }
      finish(error, drop: false)
    case .again(let delay):
      nextAttempt = delay
      // Else when the stream is over, which it is when both sides have ended it.
      if connection == nil { tryAgain(after: delay) } else { endStream() }
    }
  }

  /// Ends the call from this side.
  private func abort(_ error: RPCError) {
    guard !inbox.isFinished else { return }
    finish(error, drop: true)
  }

  private func finish(_ error: RPCError?, drop: Bool) {
    executor.timers.cancel(timer)
    timer.onExpiry = nil
    waitsForAttempt?.cancel()
    inbox.finish(error, drop: drop)
    commit(outbound.heldCount)
    endStream()
    releaseSenders()
  }

  /// The stream must not stay open for what nobody reads, on either side.
  private func endStream() {
    guard !hasSentEnd || !hasReceivedEnd else { return }
    connection?.reset(self, hasReceivedEnd ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL)
  }

  /// Makes a new attempt with all that was sent before. Not at once: nghttp2 may be on the stack.
  private func tryAgain(after delay: Duration) {
    waitsForAttempt = executor.eventLoop.scheduleTask(in: TimeAmount(delay)) { [self] in
      nextAttempt = nil
      waitsForAttempt = nil
      guard !inbox.isFinished else { return }
      response = ResponseHead()
      state = ClientCallState()
      hasSentEnd = false
      hasReceivedEnd = false
      failure = nil
      isWaiting = false
      unconsumedBytes = 0
      wasPlaced = false
      wasReset = false
      outbound.rewind()
      balancer.place(self)
    }
  }

  /// This attempt is the last: nothing is kept for another. `heldCount` is what the budget counts.
  private func commit(_ heldCount: Int) {
    guard outbound.keepsSent else { return }
    attempts.commit()
    budget.giveBack(heldCount)
    outbound.releaseSent()
  }

  private func resume() {
    guard isWaiting else { return }
    isWaiting = false
    connection?.resume(self)
  }

  private func consumeAll() {
    guard unconsumedBytes > 0 else { return }
    connection?.consume(self, unconsumedBytes)
    unconsumedBytes = 0
  }

  private func releaseSenders() {
    guard !senders.isEmpty else { return }
    let senders = senders
    self.senders = []
    for sender in senders { sender.resume() }
  }
}
