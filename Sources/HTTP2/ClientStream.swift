import CNghttp2
import NIOConcurrencyHelpers
import NIOCore
import RPC

/// A call on a client's connection. All state belongs to the loop but what the lock holds.
final class HTTP2ClientStream: SessionStream, ClientStream, @unchecked Sendable {
  private static let highWaterBytes = 64 << 10
  private let executor: LoopExecutor
  private let method: MethodDescriptor
  private let options: CallOptions
  private let trailers = NIOLockedValueBox(Metadata())
  private let timer = TimerEntry()
  /// Nil before the stream is open and after it is over.
  private var connection: ClientConnection?
  private var state = ClientCallState()
  private var reader: MessageReader
  private var inbox = ClientInbox()
  private var outbound = OutboundBuffer()
  private var sendingEnded = false
  private var isWaiting = false
  private var senders: [CheckedContinuation<Void, any Error>] = []
  private var unconsumedBytes = 0
  private var httpStatus: Int?
  private var isGRPC = false
  /// How response messages may be packed; nil if by an encoding that is not known here.
  private var encoding: Compression? = .identity
  private var fields = Metadata()

  init(executor: LoopExecutor, method: MethodDescriptor, options: CallOptions) {
    self.executor = executor
    self.method = method
    self.options = options
    reader = MessageReader(maxMessageBytes: options.maxResponseBytes)
  }

  /// Opens the stream. On the loop.
  func start(on connection: ClientConnection) throws(RPCError) {
    var fields = Metadata()
    fields.append(":path", method.path)
    fields.append(":authority", connection.authority)
    if let deadline = options.deadline {
      let remaining = deadline.timeRemaining
      guard remaining > .zero else { throw RPCError(.deadlineExceeded, "the deadline has passed") }
      let (seconds, attoseconds) = remaining.components
      let whole = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
      let nanoseconds = whole.overflow ? .max : whole.partialValue &+ UInt64(attoseconds / 1_000_000_000)
      fields.append("grpc-timeout", Timeout.format(nanoseconds: nanoseconds))
      timer.onExpiry = { [unowned self] in
        abort(RPCError(.deadlineExceeded, "the deadline has passed"), NGHTTP2_CANCEL)
      }
      executor.timers.schedule(timer, at: deadline.nanoseconds)
    }
    fields.append("te", "trailers")
    fields.append("content-type", "application/grpc")
    if options.compression != .identity { fields.append("grpc-encoding", "\(options.compression.name)") }
    fields.append("grpc-accept-encoding", "\(Compression.acceptable)")
    fields.append("user-agent", "grpc-swift-millrace/0.1")
    fields.append(contentsOf: options.metadata)
    guard let id = connection.open(self, HeaderList(connection.isSecure ? .secureRequest : .request, fields)) else {
      executor.timers.cancel(timer)
      throw RPCError(.unavailable, "the connection takes no more calls")
    }
    self.id = id
    self.connection = connection
  }

  // MARK: From callers, on any thread

  func send(_ message: [UInt8], compressed: Bool) async throws {
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
    guard connection != nil, !sendingEnded, !inbox.isFinished else {
      continuation.resume(throwing: inbox.failure ?? RPCError(.cancelled, "the call has ended"))
      return
    }
    message.withUnsafeBytes { outbound.append(message: $0, isCompressed: isCompressed) }
    resume()
    if outbound.count > HTTP2ClientStream.highWaterBytes {
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
    executor.execute { self.abort(RPCError(.cancelled, "the call was cancelled"), NGHTTP2_CANCEL) }
  }

  // MARK: From the session

  override func receive(header name: Span<UInt8>, value: Span<UInt8>) {
    if name.equals(":status") {
      var status = 0
      for index in value.indices where value[index] >= 0x30 && value[index] <= 0x39 && status < 1_000 {
        status = status * 10 + Int(value[index] - 0x30)
      }
      httpStatus = status
    } else if name.equals("content-type") {
      isGRPC = value.hasPrefix("application/grpc")
    } else if name.equals("grpc-encoding") {
      encoding = Compression(name: value)
    } else if fields.count < 200 {
      fields.append(name: name, value: value)
    }
  }

  override func receiveHeaders(end: Bool) {
    let block = state.receive(httpStatus: httpStatus, isGRPC: isGRPC, fields: fields, end: end)
    fields = Metadata()
    httpStatus = nil
    switch block {
    case .nothing: break
    case .headers(let metadata):
      guard let encoding else {
        abort(RPCError(.internal, "the server packs messages in an encoding that was not offered"), NGHTTP2_CANCEL)
        return
      }
      reader.compression = encoding
      inbox.receive(metadata: metadata)
    case .end(let error, let trailers):
      self.trailers.withLockedValue { $0 = trailers }
      if error == nil, reader.isWithinMessage {
        conclude(RPCError(.internal, "the response ends within a message"))
      } else {
        conclude(error)
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
        inbox.receive(message: ReceivedMessage(bytes: reader.take(), wasCompressed: wasCompressed))
      }
    } catch {
      abort(error, NGHTTP2_CANCEL)
    }
    if inbox.isEmpty { consumeAll() }
  }

  override func receiveEnd() {
    // Without trailers before it, the end is one too many.
    conclude(RPCError(.unknown, "the server sent no status"))
  }

  override func didClose(errorCode: UInt32) {
    conclude(ClientCallState.reset(http2ErrorCode: errorCode))
    let connection = connection
    self.connection = nil
    connection?.remove(self)
  }

  override func produce(into buffer: UnsafeMutableRawBufferPointer) -> Session.Production {
    let count = outbound.move(to: buffer)
    if outbound.count <= HTTP2ClientStream.highWaterBytes / 2 { releaseSenders() }
    if outbound.count == 0, sendingEnded { return .last(count, trailers: nil) }
    if count == 0 {
      isWaiting = true
      return .wait
    }
    return .bytes(count)
  }

  /// The connection is gone.
  func abandon() {
    connection = nil
    conclude(RPCError(.unavailable, "the connection was lost"))
  }

  // MARK: -

  private func conclude(_ error: RPCError?) {
    executor.timers.cancel(timer)
    timer.onExpiry = nil
    inbox.finish(error)
    if !sendingEnded {
      // The server has said all; what would still be sent nobody reads, and the stream must not stay open for it.
      sendingEnded = true
      connection?.reset(self, NGHTTP2_NO_ERROR)
    }
    releaseSenders()
  }

  /// Ends the call from this side.
  private func abort(_ error: RPCError, _ errorCode: nghttp2_error_code) {
    guard !inbox.isFinished else { return }
    executor.timers.cancel(timer)
    timer.onExpiry = nil
    inbox.finish(error, drop: true)
    sendingEnded = true
    connection?.reset(self, errorCode)
    releaseSenders()
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

extension Metadata {
  fileprivate mutating func append(_ name: String, _ value: String) {
    let name = Array(name.utf8)
    let value = Array(value.utf8)
    append(name: name.span, value: value.span)
  }
}
