import CNghttp2
import NIOCore
import RPC

/// A call of a client on its stream. All state belongs to the connection's event loop; other threads hop there.
final class ClientStreamCall: SessionStream, ClientStream, @unchecked Sendable {
  private let connection: ClientConnection
  private let method: MethodDescriptor
  private let options: CallOptions

  private var outbound = OutboundBuffer()
  private var sendingEnded = false
  private var isWaitingForData = false
  private var sender: CheckedContinuation<Void, any Error>?

  private var reader: MessageReader
  private var messages = Queue<[UInt8]>()
  private var receiver: CheckedContinuation<[UInt8]?, any Error>?

  /// The fields of the header block that comes in.
  private var incoming = Metadata()
  private var incomingBytes = 0
  private var httpStatus = 0
  private var response: Metadata?
  private var responseWaiters: [CheckedContinuation<Metadata, any Error>] = []
  private var trailers = Metadata()
  /// How the call ended; nil while it runs.
  private var ending: Ending?
  private var deadlineTask: Scheduled<Void>?

  private enum Ending {
    case ok
    case failed(RPCError)
  }

  init(_ connection: ClientConnection, _ method: MethodDescriptor, _ options: CallOptions) {
    self.connection = connection
    self.method = method
    self.options = options
    reader = MessageReader(maxMessageBytes: options.maxResponseBytes)
  }

  // MARK: ClientStream

  func send(_ message: [UInt8]) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      onLoop {
        if case .failed(let error) = self.ending { return continuation.resume(throwing: error) }
        guard self.ending == nil, !self.sendingEnded else {
          return continuation.resume(throwing: RPCError(.unavailable, "the call takes no more messages"))
        }
        message.withUnsafeBytes { self.outbound.append(message: $0) }
        self.resumeSending()
        guard self.outbound.count > self.connection.limits.requestHighWaterBytes else { return continuation.resume() }
        self.sender?.resume(throwing: RPCError(.internal, "two tasks send on one call"))
        self.sender = continuation
      }
    }
  }

  func finishSending() {
    onLoop {
      self.sendingEnded = true
      self.resumeSending()
    }
  }

  func receive() async throws -> [UInt8]? {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<[UInt8]?, any Error>) in
      onLoop {
        if let message = self.messages.popFirst() {
          self.opened(message)
          return continuation.resume(returning: message)
        }
        switch self.ending {
        case .ok: continuation.resume(returning: nil)
        case .failed(let error): continuation.resume(throwing: error)
        case nil:
          self.receiver?.resume(throwing: RPCError(.internal, "two tasks receive from one call"))
          self.receiver = continuation
        }
      }
    }
  }

  func responseMetadata() async throws -> Metadata {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Metadata, any Error>) in
      onLoop {
        if let response = self.response { return continuation.resume(returning: response) }
        switch self.ending {
        case .ok: continuation.resume(returning: Metadata())
        case .failed(let error): continuation.resume(throwing: error)
        case nil: self.responseWaiters.append(continuation)
        }
      }
    }
  }

  /// Settled once the call has ended, and read only then.
  var trailingMetadata: Metadata {
    connection.eventLoop.inEventLoop ? trailers : (try? connection.eventLoop.submit { self.trailers }.wait()) ?? trailers
  }

  func cancel() {
    onLoop { self.end(.failed(RPCError(.cancelled, "the caller cancelled the call")), resetting: NGHTTP2_CANCEL) }
  }

  // MARK: From the connection

  /// Fails a call that never reached the server, or whose connection is gone.
  func fail(_ error: RPCError) { end(.failed(error)) }

  /// Begins to count down to the deadline.
  func startClock() {
    guard let deadline = options.deadline else { return }
    let nanoseconds = Int64(clamping: deadline.nanoseconds) - Int64(clamping: Deadline.nowNanoseconds())
    deadlineTask = connection.eventLoop.scheduleTask(in: .nanoseconds(max(nanoseconds, 0))) {
      self.end(.failed(RPCError(.deadlineExceeded, "the deadline passed")), resetting: NGHTTP2_CANCEL)
    }
  }

  /// Whether it ended before its turn came.
  var hasEnded: Bool { ending != nil }

  /// The request's header fields, the pseudo fields first.
  var requestFields: HeaderList {
    var fields = Metadata()
    func add(_ name: String, _ value: String) {
      let (name, value) = (Array(name.utf8), Array(value.utf8))
      fields.append(name: name.span, value: value.span)
    }
    add(":method", "POST")
    add(":scheme", "http")
    add(":path", method.path)
    add(":authority", connection.authority)
    add("te", "trailers")
    add("content-type", "application/grpc")
    add("user-agent", "grpc-swift-millrace/0.1")
    if let deadline = options.deadline {
      let now = Deadline.nowNanoseconds()
      add("grpc-timeout", Timeout.format(nanoseconds: deadline.nanoseconds > now ? deadline.nanoseconds - now : 1))
    }
    fields.append(contentsOf: options.metadata)
    return HeaderList(.none, fields)
  }

  // MARK: From the session

  override func receive(header name: Span<UInt8>, value: Span<UInt8>) {
    incomingBytes += name.count + value.count + 32
    guard incomingBytes <= connection.limits.maxHeaderBytes else {
      return end(
        .failed(RPCError(.resourceExhausted, "the response's header fields are over the limit")),
        resetting: NGHTTP2_CANCEL)
    }
    guard name.count > 0, name[0] != UInt8(ascii: ":") else {
      httpStatus = value.indices.reduce(0) { $0 * 10 + Int(value[$1] &- UInt8(ascii: "0")) }
      return
    }
    incoming.append(name: name, value: value)
  }

  override func receiveHeaders(end isLast: Bool) {
    let fields = incoming
    incoming = Metadata()
    incomingBytes = 0
    if response == nil {
      if (100..<200).contains(httpStatus) { return }
      let isGRPC = fields["content-type"]?.hasPrefix("application/grpc") ?? false
      guard httpStatus == 200, isGRPC || fields["grpc-status"] != nil else {
        let error = RPCError(StatusCode(httpStatus: httpStatus), "the server answered with HTTP status \(httpStatus)")
        return end(.failed(error), resetting: isLast ? nil : NGHTTP2_CANCEL)
      }
      if isLast {
        trailers = fields
      } else {
        response = fields
        for waiter in responseWaiters { waiter.resume(returning: fields) }
        responseWaiters = []
      }
    } else if isLast {
      trailers = fields
    }
  }

  override func receive(data: UnsafeRawBufferPointer) {
    guard ending == nil else { return }
    do throws(RPCError) {
      var offset = 0
      while offset < data.count, try reader.read(data, &offset) {
        guard !reader.isCompressed else { throw RPCError(.internal, "a compressed message without an encoding") }
        deliver(reader.take())
      }
    } catch {
      end(.failed(error), resetting: NGHTTP2_CANCEL)
    }
  }

  override func receiveEnd() {
    guard ending == nil else { return }
    let status = StatusTrailers.decode(&trailers)
    switch status {
    case .ok where reader.isWithinMessage:
      end(.failed(RPCError(.internal, "the response ends within a message")))
    case .ok: end(.ok)
    case .failed(let error): end(.failed(error))
    case .missing: end(.failed(RPCError(.unknown, "the server ended the call without a status")))
    }
  }

  override func didClose(errorCode: UInt32) {
    connection.forget(self)
    end(
      .failed(RPCError(StatusCode(http2ErrorCode: errorCode), "the server reset the call, HTTP/2 error \(errorCode)")))
  }

  override func produce(into buffer: UnsafeMutableRawBufferPointer) -> Session.Production {
    let count = outbound.move(to: buffer)
    if outbound.count <= connection.limits.requestHighWaterBytes, let sender {
      self.sender = nil
      sender.resume()
    }
    if outbound.count == 0, sendingEnded { return .last(count, trailers: nil) }
    if count == 0 {
      isWaitingForData = true
      return .wait
    }
    return .bytes(count)
  }

  // MARK: -

  private func onLoop(_ work: @escaping @Sendable () -> Void) {
    if connection.eventLoop.inEventLoop { work() } else { connection.eventLoop.execute(work) }
  }

  private func resumeSending() {
    guard isWaitingForData else { return }
    isWaitingForData = false
    connection.resume(self)
  }

  private func deliver(_ message: [UInt8]) {
    if let receiver {
      self.receiver = nil
      opened(message)
      receiver.resume(returning: message)
    } else {
      messages.append(message)
    }
  }

  /// The window opens as messages are taken.
  private func opened(_ message: [UInt8]) {
    connection.consume(self, message.count + MessageReader.prefixBytes)
  }

  private func end(_ ending: Ending, resetting code: nghttp2_error_code? = nil) {
    guard self.ending == nil else { return }
    self.ending = ending
    deadlineTask?.cancel()
    if let code { connection.reset(self, code) }
    let error: RPCError? = if case .failed(let error) = ending { error } else { nil }
    if let receiver {
      self.receiver = nil
      if let error { receiver.resume(throwing: error) } else { receiver.resume(returning: nil) }
    }
    if let sender {
      self.sender = nil
      sender.resume(throwing: error ?? RPCError(.unavailable, "the call has ended"))
    }
    for waiter in responseWaiters {
      if let error { waiter.resume(throwing: error) } else { waiter.resume(returning: Metadata()) }
    }
    responseWaiters = []
  }
}
