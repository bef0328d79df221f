import CNghttp2
import RPC

/// A request and its response on a server's connection. Pooled by the loop, all of whose connections have the same
/// limits: `recycle` makes it as good as new.
final class ServerStream: SessionStream, ServerTransport {
  // Of the request; both outlive it. In the pool there is none.
  unowned(unsafe) private(set) var connection: ServerConnection
  unowned(unsafe) private(set) var session: Session
  private let maxHeaderFields: Int
  private let maxHeaderBytes: Int
  private let headersTimeout: UInt64
  private let requestTimeout: UInt64
  private let timer = TimerEntry()
  // Of the loop alone, and no change of one comes back to it: the checks for that are left out of the hot path.
  @exclusivity(unchecked) var head = RequestHead()
  private var call: Call?
  @exclusivity(unchecked) private var outbound = OutboundBuffer()
  /// Body bytes that no handler has taken yet.
  private var bufferedBytes = 0
  /// Whether the handler takes the request's body as a whole.
  private var hasSingleRequest = false
  private(set) var requestEnded = false
  /// The call's headers are looked at.
  private var isBeginning = false
  /// When the headers, and then the request, must be whole, in nanoseconds; the connection looks at it now and then.
  private var requestDue = UInt64.max
  /// How fast the peer takes the response.
  @exclusivity(unchecked) private var pace: ReadingPace
  private var headersSent = false
  private var isWaiting = false
  private var ending: HeaderList?
  /// The headers of the response were over the limit, which is how the call ends.
  private var hasTooLargeHeaders = false
  /// The response ends with its body, and not with trailers.
  var bodyEnds = false
  /// The way to the call for other protocols than gRPC.
  var web: (any WebTransport)?
  /// A refusal that waits for the end of the request.
  private var refusal: (() -> Void)?

  init(connection: ServerConnection, session: Session) {
    self.connection = connection
    self.session = session
    let limits = connection.limits
    maxHeaderFields = limits.maxHeaderFields
    maxHeaderBytes = limits.maxHeaderBytes
    headersTimeout = Limits.nanoseconds(limits.headersTimeoutSeconds)
    requestTimeout = Limits.nanoseconds(limits.requestTimeoutSeconds)
    pace = ReadingPace(limits: limits)
    super.init()
    timer.onExpiry = { [unowned self] in call?.expire() }
  }

  // MARK: From the session

  /// A request begins.
  func begin(id: Int32, on connection: ServerConnection, _ session: Session) {
    self.id = id
    self.connection = connection
    self.session = session
    requestDue = headersTimeout == .max ? .max : connection.now &+ headersTimeout
  }

  override func receive(header name: Span<UInt8>, value: Span<UInt8>) {
    guard call == nil else { return }  // the request's trailers mean nothing in gRPC
    if head.add(name, value, maxFields: maxHeaderFields, maxBytes: maxHeaderBytes) {
      head.route(value, connection.router)
    }
  }

  override func receiveHeaders(end: Bool) {
    guard call == nil, ending == nil, web == nil, refusal == nil, !headersSent else { return }
    requestEnded = end
    if head.isOverLimit { connection.report("call refused: headers over the limit") }
    switch head.decide() {
    case .accept(let endpoint, let timeout): accept(endpoint, timeout, transport: self, codec: head.codec)
    case .web(let kind): accept(kind)
    case .query: acceptQuery()
    case .preflight: respond(connection.crossOrigin.preflight(head.metadata), hasBody: false)
    case .methodNotAllowed: atEnd { $0.refuse(.methodNotAllowed) }
    case .unsupportedMediaType: atEnd { $0.refuse(.unsupportedMediaType) }
    case .headersTooLarge: refuse(.headersTooLarge)
    case .reject(let error):
      finish(error, trailers: head.compression == nil ? .acceptableCompressions : nil, requestEnded: end)
    }
  }

  func accept(
    _ endpoint: Endpoint,
    _ timeout: UInt64?,
    transport: any ServerTransport,
    codec: MessageCodec,
    malformedRequest: StatusCode = .internal
  ) {
    var timeout = timeout
    if timeout == nil, endpoint.kind == .unary, connection.defaultDeadline > 0 {
      timeout = connection.defaultDeadline
    }
    let deadline = timeout.map { Deadline(nanoseconds: connection.now.addingClamped($0)) }
    let call = Call(
      endpoint: endpoint,
      connection: connection.info,
      loop: connection.executor,
      transport: transport,
      number: UInt64(id),
      metadata: head.takeMetadata(),
      deadline: deadline,
      requestCompression: head.compression ?? .identity,
      accepted: head.accepted,
      codec: codec,
      malformedRequest: malformedRequest
    )
    self.call = call
    hasSingleRequest = endpoint.kind.hasSingleRequest
    requestDue = .max
    if let deadline { connection.executor.timers.schedule(timer, at: deadline.nanoseconds) }
    if !requestEnded, hasSingleRequest, requestTimeout != .max {
      requestDue = connection.now &+ requestTimeout
    }
    isBeginning = true
    call.begin()
    isBeginning = false
  }

  override func receive(data: UnsafeRawBufferPointer) {
    guard let call else {
      session.consume(self, data.count)
      return
    }
    bufferedBytes += data.count
    guard connection.buffers.receive(data.count) else {
      connection.report("call refused: too many request bytes on their way")
      call.fail(RPCError(.resourceExhausted, "the connection has too many requests on their way"))
      return
    }
    if let web { web.receive(data, for: call) } else { call.receive(data) }
  }

  override var resetsAfterEnd: Bool { !requestEnded }

  override func receiveEnd() {
    requestEnded = true
    requestDue = .max
    if let refusal {
      self.refusal = nil
      return refusal()
    }
    guard let call else { return }
    if let web { web.receiveEnd(for: call) } else { call.receiveEnd() }
  }

  /// The peer has read what made handlers wait.
  func decongest() { call?.responseDidDrain() }

  override func didClose(errorCode: UInt32) {
    if let call {
      self.call = nil
      call.disconnect(
        RPCError(.cancelled, errorCode == 0 ? "the call is over" : "the client ended the call")
      )
    }
    connection.remove(self)
  }

  override func produce(into buffer: UnsafeMutableRawBufferPointer) -> Session.Production {
    let count = outbound.move(to: buffer)
    if count > 0 {
      pace.take(count, now: connection.now)
      connection.buffers.dequeue(count)
    }
    if outbound.count == 0, let ending {
      return .last(count, trailers: ending)
    }
    if outbound.count == 0, bodyEnds { return .last(count, trailers: nil) }
    if count == 0 {
      isWaiting = true
      return .wait
    }
    call?.responseDidDrain()
    return .bytes(count)
  }

  // MARK: From the call

  /// A congested connection counts as much too much.
  var queuedBytes: Int { connection.buffers.isCongested ? .max : outbound.count }

  func sendHeaders(_ metadata: Metadata?, compression: Compression) {
    respond(HeaderList(.response(head.codec, compression), metadata), hasBody: true)
  }

  func enqueue(_ message: UnsafeRawBufferPointer, isCompressed: Bool) {
    queue { $0.append(message: message, isCompressed: isCompressed) }
  }

  @inline(__always)
  func queue(_ append: (inout OutboundBuffer) -> Void) {
    let before = outbound.count
    if before == 0 { pace.restart(now: connection.now) }
    append(&outbound)
    connection.didQueue(outbound.count - before)
    resume()
  }

  func finish(_ error: RPCError?, trailers: Metadata?, requestEnded: Bool) {
    endCall()
    if hasTooLargeHeaders { finish(headerLimitError, nil) } else { finish(error, trailers) }
    connection.scheduleFlush()
  }

  private func finish(_ error: RPCError?, _ trailers: Metadata?) {
    if headersSent {
      let fields = HeaderList(status: error, trailers, after: .none, ok: .okTrailers)
      ending = isWithinLimit(fields) ? fields : HeaderList(status: headerLimitError, nil, after: .none)
      resume()
    } else {
      dropOutbound()
      let fields = HeaderList(status: error, trailers, after: .response(head.codec))
      if !respond(fields, hasBody: false) {
        respond(HeaderList(status: headerLimitError, nil, after: .response(head.codec)), hasBody: false)
      }
    }
  }

  /// The call is over; its last words follow.
  private func endCall() {
    if timer.isScheduled { connection.executor.timers.cancel(timer) }
    requestDue = .max
    call = nil
    forgetBuffered(bufferedBytes)
  }

  /// The call is over in another protocol than gRPC, and `answer` gives its last words, which are others when the ones that
  /// were meant cannot be sent: at once, but for a call that was refused by its headers, see `atEnd`.
  func conclude(_ error: RPCError?, _ trailers: Metadata?, _ answer: @escaping (RPCError?, Metadata?) -> Void) {
    endCall()
    if hasTooLargeHeaders { return answer(headerLimitError, nil) }
    if isBeginning { atEnd { _ in answer(error, trailers) } } else { answer(error, trailers) }
  }

  /// Sends the headers of a response. False, and the call fails, when they are over the limit, which is looked at until a
  /// call has failed for it.
  @discardableResult
  func respond(_ fields: HeaderList, hasBody: Bool) -> Bool {
    guard isWithinLimit(fields) else {
      dropOutbound()
      call?.fail(headerLimitError)
      return false
    }
    markHeadersSent()
    session.submitResponse(self, fields, hasBody: hasBody)
    connection.scheduleFlush()
    return true
  }

  private func isWithinLimit(_ fields: HeaderList) -> Bool {
    if fields.isPrepared || hasTooLargeHeaders { return true }
    let byteCount = fields.byteCount
    guard byteCount > connection.limits.maxResponseHeaderBytes else { return true }
    hasTooLargeHeaders = true
    let path = head.endpoint?.method.path ?? "unknown method"
    connection.report("call ended: header fields of the response over the limit", reason: "\(path): \(byteCount) bytes")
    return false
  }

  private var headerLimitError: RPCError { HeaderList.tooLarge(limit: connection.limits.maxResponseHeaderBytes) }

  func handlerDidBegin() {
    if hasSingleRequest { forgetBuffered(bufferedBytes) }
  }

  func consume(_ byteCount: Int) {
    if !hasSingleRequest { forgetBuffered(min(byteCount, bufferedBytes)) }
    session.consume(self, byteCount)
    connection.scheduleFlush()
  }

  // MARK: From the connection

  /// The server ends before the call does.
  func shutDown(_ error: RPCError) { call?.fail(error) }

  /// The connection is gone.
  func abandon() {
    if timer.isScheduled { connection.executor.timers.cancel(timer) }
    let call = call
    self.call = nil
    call?.disconnect(RPCError(.cancelled, "the client disconnected"))
  }

  /// Bytes that are held for the peer.
  var heldBytes: Int { bufferedBytes + outbound.count }

  /// The server holds too many bytes: the call ends.
  func shed() {
    if let call, !headersSent {
      call.fail(RPCError(.resourceExhausted, "the server holds as many bytes of requests and responses as it may"))
    } else {
      cutOff(
        RPCError(.resourceExhausted, "the server holds as many bytes of responses as it may"), NGHTTP2_ENHANCE_YOUR_CALM
      )
    }
  }

  func recycle() {
    if timer.isScheduled { connection.executor.timers.cancel(timer) }
    forgetBuffered(bufferedBytes)
    head.reset()
    dropOutbound()
    requestEnded = false
    requestDue = .max
    headersSent = false
    isWaiting = false
    ending = nil
    hasTooLargeHeaders = false
    bodyEnds = false
    web = nil
    refusal = nil
  }

  // MARK: -

  private func forgetBuffered(_ byteCount: Int) {
    guard byteCount > 0 else { return }
    connection.buffers.take(byteCount)
    bufferedBytes -= byteCount
  }

  private func dropOutbound() {
    connection.buffers.dequeue(outbound.count)
    outbound.removeAll()
  }

  func resume() {
    guard isWaiting else { return }
    isWaiting = false
    session.resume(self)
    connection.scheduleFlush()
  }

  /// Answers a request that is refused once it has ended, or has taken too long. HTTP allows to answer earlier, but
  /// clients that are not gRPC's may take the reset that follows for a failure of their own.
  func atEnd(_ answer: @escaping (ServerStream) -> Void) {
    guard !requestEnded else { return answer(self) }
    refusal = { [unowned self] in answer(self) }
    requestDue = requestTimeout == .max ? .max : connection.now &+ requestTimeout
  }

  private func markHeadersSent() {
    headersSent = true
    requestDue = .max
  }

  func refuse(_ refusal: Refusal) {
    guard respond(HeaderList(refusal.fields), hasBody: head.method != .head), head.method != .head else { return }
    queue { $0.append(raw: refusal.text) }
    endBody()
  }

  /// Gives up on a peer that is too slow to send or to read. `now` in nanoseconds. While the socket is full the peer's pace is
  /// that of the connection.
  func check(now: UInt64, isSocketFull: Bool) {
    if isSocketFull { pace.restart(now: now) }
    if now > requestDue {
      if let refusal {
        self.refusal = nil
        return refusal()
      }
      guard let call else { return connection.end(.headersTimeout) }
      connection.report("call ended: the request was too slow")
      call.fail(RPCError(.cancelled, "the request did not come in within the time allowed"))
    } else if outbound.count > 0, pace.isStalled(now: now) {
      connection.report("call ended: the response was not read")
      cutOff(RPCError(.cancelled, "the client does not read"), NGHTTP2_ENHANCE_YOUR_CALM)
    }
  }

  override func didNotSend(_ libraryError: Int32) {
    let meaning = Session.meaning(ofLibraryError: libraryError)
    connection.report("call ended: the response cannot be sent", reason: meaning)
    cutOff(RPCError(.internal, "the response cannot be sent: \(meaning)"), NGHTTP2_INTERNAL_ERROR)
  }

  /// Ends the stream with nothing but a reset.
  private func cutOff(_ error: RPCError, _ errorCode: nghttp2_error_code) {
    let call = call
    self.call = nil
    call?.disconnect(error)
    forgetBuffered(bufferedBytes)
    dropOutbound()
    session.reset(self, errorCode: errorCode)
    connection.scheduleFlush()
  }
}
