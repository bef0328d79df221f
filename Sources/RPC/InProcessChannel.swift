import Dispatch
import Synchronization

/// Calls a router in the same process: the same calls, handlers and decisions as over a socket, without one.
public struct InProcessChannel: Channel {
  private let router: Router
  private let context: ServerContext

  public init(router: Router, context: ServerContext = ServerContext()) {
    self.router = router
    self.context = context
  }

  public func open(_ method: MethodDescriptor, options: CallOptions) async throws -> any ClientStream {
    let options = options.withinHandledCall()
    let path = Array(method.path.utf8)
    guard let endpoint = router.endpoint(path: path.span) else {
      throw RPCError(.unimplemented, "there is no such method")
    }
    // Every call has a loop of its own, and so counts as a connection.
    let connection = ConnectionInfo(context: context, peer: Peer(address: "in-process"))
    let stream = InProcessStream(maxResponseBytes: options.maxResponseBytes)
    stream.start(endpoint: endpoint, connection: connection, options: options)
    return stream
  }
}

/// A serial queue as the loop of one call.
private final class InProcessLoop: CallLoop, @unchecked Sendable {
  private static let key = DispatchSpecificKey<ObjectIdentifier>()
  let queue = DispatchQueue(label: "millrace.call")
  /// Only touched on the loop.
  private(set) lazy var handlers = HandlerRunner(loop: self)

  init() { queue.setSpecific(key: InProcessLoop.key, value: ObjectIdentifier(self)) }

  var isCurrent: Bool { DispatchQueue.getSpecific(key: InProcessLoop.key) == ObjectIdentifier(self) }

  func execute(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

  func yield(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isCurrent, handlers.takes(job) { return }
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

/// Both ends of a call. All state belongs to the loop but what the mutex holds.
private final class InProcessStream: ClientStream, ServerTransport, @unchecked Sendable {
  private static let requestHighWaterBytes = 64 << 10
  private let loop = InProcessLoop()
  private let maxResponseBytes: Int
  private let trailers = Mutex(Metadata())
  private var call: Call?
  private var inbox = ClientInbox()
  private var requestEnded = false
  private var unconsumedRequestBytes = 0
  private var senders: [CheckedContinuation<Void, any Error>] = []

  init(maxResponseBytes: Int) { self.maxResponseBytes = maxResponseBytes }

  func start(endpoint: Endpoint, connection: ConnectionInfo, options: CallOptions) {
    loop.execute { [self] in
      let call = Call(
        endpoint: endpoint,
        connection: connection,
        loop: loop,
        transport: self,
        number: UInt64(UInt(bitPattern: ObjectIdentifier(self))),
        metadata: options.metadata,
        deadline: options.deadline
      )
      self.call = call
      if let remaining = options.deadline?.timeRemaining.clampedNanoseconds {
        loop.queue.asyncAfter(deadline: .now() + .nanoseconds(Int(clamping: remaining))) { [weak self] in
          self?.call?.expire()
        }
      }
      call.begin()
    }
  }

  // MARK: Client

  /// Nothing is packed within a process.
  func send(_ message: [UInt8], compressed: Bool) async throws {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        loop.execute { self.accept(message, continuation) }
      }
    } onCancel: {
      cancel()
    }
  }

  private func accept(_ message: [UInt8], _ continuation: CheckedContinuation<Void, any Error>) {
    guard let call, !requestEnded else {
      continuation.resume(throwing: inbox.failure ?? RPCError(.cancelled, "the call has ended"))
      return
    }
    var framed: [UInt8] = [0]
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: message.count).bigEndian) { framed.append(contentsOf: $0) }
    framed += message
    unconsumedRequestBytes += framed.count
    framed.withUnsafeBytes { call.receive($0) }
    if unconsumedRequestBytes > InProcessStream.requestHighWaterBytes, !inbox.isFinished {
      senders.append(continuation)
    } else {
      continuation.resume()
    }
  }

  func finishSending() {
    loop.execute { [self] in
      requestEnded = true
      call?.receiveEnd()
    }
  }

  func receive() async throws -> ReceivedMessage? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        loop.execute { [self] in
          inbox.next(continuation)
          call?.responseDidDrain()
        }
      }
    } onCancel: {
      cancel()
    }
  }

  func responseMetadata() async throws -> Metadata {
    try await withCheckedThrowingContinuation { continuation in
      loop.execute { self.inbox.metadata(continuation) }
    }
  }

  var trailingMetadata: Metadata { trailers.withLock { $0 } }

  func cancel() {
    loop.execute { [self] in
      let call = call
      self.call = nil
      call?.disconnect(RPCError(.cancelled, "the client ended the call"))
      end(RPCError(.cancelled, "the call was cancelled"), drop: true)
    }
  }

  private func end(_ error: RPCError?, drop: Bool) {
    inbox.finish(error, drop: drop)
    releaseSenders()
  }

  private func releaseSenders() {
    let senders = senders
    self.senders = []
    for sender in senders { sender.resume() }
  }

  // MARK: Server

  var queuedBytes: Int { inbox.queuedBytes }

  func sendHeaders(_ metadata: Metadata?, compression: Compression) { inbox.receive(metadata: metadata ?? Metadata()) }

  func enqueue(_ message: UnsafeRawBufferPointer, isCompressed: Bool) {
    guard message.count <= maxResponseBytes else {
      let call = call
      self.call = nil
      end(RPCError(.resourceExhausted, "a response of \(message.count) bytes is over the limit"), drop: true)
      call?.disconnect(RPCError(.cancelled, "the client ended the call"))
      return
    }
    inbox.receive(message: ReceivedMessage(bytes: [UInt8](message)))
  }

  func finish(_ error: RPCError?, trailers: Metadata?, requestEnded: Bool) {
    if let trailers { self.trailers.withLock { $0 = trailers } }
    call = nil
    end(error, drop: false)
  }

  func consume(_ byteCount: Int) {
    unconsumedRequestBytes -= byteCount
    if unconsumedRequestBytes <= InProcessStream.requestHighWaterBytes { releaseSenders() }
  }
}
