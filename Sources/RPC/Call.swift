import Logging
import Protobuf
import Synchronization

/// A call on the server: what came with it, and what goes back besides messages.
///
/// Handlers and interceptors may use it from any thread. What the transport does with it happens on its loop, see
/// `Call+Transport.swift`.
public final class Call: @unchecked Sendable {
  /// What handlers and interceptors leave with the call; made when the first of it is set.
  private struct Shared {
    var principal: Principal?
    var responseCompression: Compression?
    var responseMetadata = Metadata()
    var trailingMetadata = Metadata()
  }

  let endpoint: Endpoint
  let connection: ConnectionInfo
  /// Where the call lives.
  package let loop: any CallLoop
  /// As the context says; here as well so that asking for it at every message passes through no other object.
  let responseHighWaterBytes: Int
  private let number: UInt64
  /// The metadata that came with the request.
  public let requestMetadata: Metadata
  /// When the call fails with DEADLINE_EXCEEDED, if ever.
  public let deadline: Deadline?
  private let accepted: AcceptedCompressions
  /// How the call's messages are written.
  public let codec: MessageCodec
  /// The status of a request whose bytes are malformed; gRPC and Connect differ in it.
  @usableFromInline let malformedRequest: StatusCode

  private let shared = Mutex<Shared?>(nil)
  /// Whether anything in `shared` was ever set, so that a call which sets nothing takes no lock.
  private let isShared = Atomic<Bool>(false)

  /// Whether the message that the handler took last came compressed.
  public internal(set) var requestWasCompressed = false

  // Only touched on the loop, and no change of one comes back to it: the checks for that are left out of the hot path.
  @exclusivity(unchecked) var transport: (any ServerTransport)?
  @exclusivity(unchecked) var state: ServerCallState
  @exclusivity(unchecked) var reader: MessageReader
  @exclusivity(unchecked) var requests = Queue<ReceivedMessage>()
  /// How messages of the response are packed; decided with the first of them.
  var compression: Compression?
  /// Why the response cannot be written.
  var replyFailure: RPCError?
  var requestFailure: RPCError?
  var unconsumedBytes = 0
  var requestWaiter: CheckedContinuation<ReceivedMessage?, any Error>?
  var sendWaiters: [CheckedContinuation<Void, any Error>] = []
  var task: Task<Void, Never>?
  var handlerEnded = false
  /// The reply of a costly handler, as it leaves: made on the handler's thread.
  var stagedReply: [UInt8]?
  // See `Call+Turn.swift`.
  var turn = Turn.none
  var hasBegun = false
  /// Whether the handler counts among those that run.
  var isRunning = false
  var peerWaitCount = 0
  var hasCostlyPlace = false
  /// Its place among the open streams of its peer's address, for methods that stream.
  var streamPlace: StreamCensus.Place?
  // See `CallEnd.swift`.
  var endObservers: [@Sendable (RPCError?) -> Void] = []
  var endError: RPCError?
  // See `Parking.swift`.
  var keeper: (any ResponseKeeper)?
  var isParked = false
  var resumption: CallHandler?

  /// For transports. `number` tells the calls of a connection apart.
  public init(
    endpoint: Endpoint,
    connection: ConnectionInfo,
    loop: any CallLoop,
    transport: any ServerTransport,
    number: UInt64,
    metadata: Metadata,
    deadline: Deadline?,
    requestCompression: Compression = .identity,
    accepted: AcceptedCompressions = AcceptedCompressions(),
    codec: MessageCodec = .protobuf,
    malformedRequest: StatusCode = .internal
  ) {
    self.endpoint = endpoint
    self.connection = connection
    self.loop = loop
    self.responseHighWaterBytes = connection.context.responseHighWaterBytes
    self.transport = transport
    self.number = number
    self.requestMetadata = metadata
    self.deadline = deadline
    self.accepted = accepted
    self.codec = codec
    self.malformedRequest = malformedRequest
    self.state = ServerCallState(kind: endpoint.kind)
    self.reader = MessageReader(
      maxMessageBytes: connection.context.maxRequestBytes,
      compression: requestCompression,
      malformed: malformedRequest
    )
  }

  public var method: MethodDescriptor { endpoint.method }

  /// The method's kind; cheaper to ask for than the whole descriptor.
  public var kind: MethodKind { endpoint.kind }

  /// Who calls, as the connection tells.
  public var peer: Peer { connection.peer }

  /// Names this call in logs: 16 hexadecimal digits.
  public var id: String {
    let digits = String(connection.id &+ number, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  /// The time that is left, if there is a deadline; never negative.
  public var timeRemaining: Duration? { deadline?.timeRemaining }

  /// A logger that names the call and the method in every line.
  public var logger: Logger {
    var logger = connection.context.logger
    logger[metadataKey: "call"] = .string(id)
    logger[metadataKey: "method"] = .string(method.path)
    return logger
  }

  /// Who makes the call, once an interceptor has said so.
  public var principal: Principal? {
    get { isShared.load(ordering: .acquiring) ? shared.withLock { $0?.principal } : nil }
    set { share { $0.principal = newValue } }
  }

  /// The metadata that goes out with the response headers. Too late once the first message has been sent.
  public var responseMetadata: Metadata {
    get { isShared.load(ordering: .acquiring) ? shared.withLock { $0?.responseMetadata } ?? Metadata() : Metadata() }
    set { share { $0.responseMetadata = newValue } }
  }

  /// The metadata that goes out when the call ends.
  public var trailingMetadata: Metadata {
    get { isShared.load(ordering: .acquiring) ? shared.withLock { $0?.trailingMetadata } ?? Metadata() : Metadata() }
    set { share { $0.trailingMetadata = newValue } }
  }

  /// How responses are packed, if the client takes it: the server's setting unless set. Too late once the first message
  /// has been sent.
  public var responseCompression: Compression {
    get { setResponseCompression ?? connection.context.responseCompression }
    set { share { $0.responseCompression = newValue } }
  }

  private var setResponseCompression: Compression? {
    isShared.load(ordering: .acquiring) ? shared.withLock { $0?.responseCompression } : nil
  }

  /// `responseCompression`, or identity for a client that does not take it.
  var negotiatedCompression: Compression {
    let wanted = responseCompression
    return accepted.contains(wanted) ? wanted : .identity
  }

  private func share(_ body: (inout sending Shared) -> Void) {
    shared.withLock { shared in
      var value = shared ?? Shared()
      body(&value)
      shared = value
    }
    isShared.store(true, ordering: .releasing)
  }

  var responseMetadataIfAny: Metadata? {
    guard isShared.load(ordering: .acquiring) else { return nil }
    let metadata = responseMetadata
    return metadata.isEmpty ? nil : metadata
  }

  var trailingMetadataIfAny: Metadata? {
    guard isShared.load(ordering: .acquiring) else { return nil }
    let metadata = trailingMetadata
    return metadata.isEmpty ? nil : metadata
  }
}
