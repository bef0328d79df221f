/// Every limit of a server, with its unit in its name. `LimitSetting` sets them by these names.
///
/// A time of 0 seconds is none: nothing happens for lack of time.
public struct Limits: Sendable, Hashable, Codable {
  // MARK: Connections

  /// Connections open at a time; further ones wait, not accepted, until one ends.
  public var maxConnections = 10_000
  /// Places for connections that are kept free for new ones, though no more than an eighth of all: with fewer free,
  /// connections without calls are closed, first those that have had none for longest. 0 keeps them.
  public var reservedConnections = 64
  /// Time without a call that a connection has at least before it is closed to make room, and a new one for its first call.
  public var minIdleSeconds = 1
  /// File descriptors that connections leave to the rest of the process, though not more than half of what the system
  /// allows it: fewer connections than `maxConnections` are open where that is what remains.
  public var reservedDescriptors = 256
  /// Time for a new connection to get as far as its SETTINGS.
  public var handshakeTimeoutSeconds = 10
  /// Time between two looks at whether certificate files have changed.
  public var certificateCheckSeconds = 5
  /// Time without a call after which a connection is asked to go away.
  public var idleTimeoutSeconds = 1_800
  /// Time after which a connection is asked to go away, give or take a tenth.
  public var maxConnectionAgeSeconds = 0
  /// Time that the calls of a connection past its age may still take.
  public var maxConnectionAgeGraceSeconds = 60
  /// Time without a byte from the peer after which it is asked by a PING whether it is there.
  public var keepaliveIntervalSeconds = 7_200
  /// Time for the peer to answer that PING, or to send anything else, before the connection is closed.
  public var keepaliveTimeoutSeconds = 20
  /// Time in which a peer must take what waits to be written, or enough of it, before its connection is closed or its stream
  /// reset.
  public var stalledWriteTimeoutSeconds = 60
  /// Bytes that are enough, on average over that time; 0 makes do with a single one in it.
  public var minResponseBytesPerSecond = 240
  /// Time that a peer has to read the last words of a connection before it is closed.
  public var lingerTimeoutSeconds = 2

  // MARK: Calls

  /// Streams that a peer may have open on a connection.
  public var maxConcurrentStreams = 256
  /// Closed streams that a connection remembers, so that it can tell frames that are wrong from frames that are late:
  /// `maxConcurrentStreams` less those that are open, and none where that may be more than this.
  public var maxClosedStreams = 1_000
  /// Calls of streaming methods that all connections from an address may have open at a time: an IPv4 address, or the
  /// first 64 bits of an IPv6 address. Further ones get RESOURCE_EXHAUSTED.
  public var maxStreamsPerAddress = 20_000
  /// How many of them may be of callers that are not authenticated, neither by the call nor by a client certificate.
  public var maxUnauthenticatedStreamsPerAddress = 2_000
  /// Handlers that run at a time, in the whole server; further calls get RESOURCE_EXHAUSTED, but for the server's health.
  /// A handler that waits for its client, and a watch on which nothing happens, does not run.
  public var maxRunningHandlers = 10_000
  /// Handlers of costly methods that run at a time, each on a thread; further ones wait, and connections take turns. By
  /// default one for each processor.
  public var maxRunningCostlyHandlers = ProcessorCount.usable
  /// Time that handlers run before the connections of their loop get their turn.
  public var handlerTurnMilliseconds = 5
  /// The size of a request message; a larger one gets RESOURCE_EXHAUSTED.
  public var maxRequestBytes = 4 << 20
  /// Bytes that all connections together may have buffered, of requests that no handler has taken yet and of responses that
  /// wait to be sent. When there are more, calls get RESOURCE_EXHAUSTED, those with the most bytes first on the connections
  /// with the most bytes.
  public var maxBufferedBytes = 256 << 20
  /// Bytes of requests that no handler has taken yet and that a connection may have buffered; further calls get
  /// RESOURCE_EXHAUSTED.
  public var maxBufferedRequestBytesPerConnection = 64 << 20
  /// Bytes of responses that a connection may have queued: as soon as there are more its handlers wait, to begin as well as
  /// to send.
  public var maxQueuedResponseBytesPerConnection = 16 << 20
  /// Time for the headers of a request to come in.
  public var headersTimeoutSeconds = 10
  /// Time for the only message of a request to come in.
  public var requestTimeoutSeconds = 60
  /// The deadline of a call with a single request and a single response whose client sets none.
  public var defaultDeadlineSeconds = 0

  // MARK: Headers

  /// Header fields of a request.
  public var maxHeaderFields = 100
  /// Bytes of a request's header fields: names, values, and 32 for each field.
  public var maxHeaderBytes = 16 << 10
  /// Bytes of a response's header fields, and of its trailers: names, values, and 32 for each field. A call that would
  /// send more ends with RESOURCE_EXHAUSTED.
  public var maxResponseHeaderBytes = 64 << 10
  /// CONTINUATION frames after a HEADERS frame.
  public var maxContinuationFrames = 8

  // MARK: Flow control

  /// Bytes that a peer may send on a stream before the handler takes them.
  public var streamWindowBytes = 256 << 10
  /// Bytes that a peer may send on all streams before they are read.
  public var connectionWindowBytes = 4 << 20
  /// Response bytes that a call may have queued before `send` waits.
  public var responseHighWaterBytes = 64 << 10

  // MARK: Compression

  /// Responses smaller than this are sent as they are: packing would gain nothing.
  public var minCompressedResponseBytes = 512

  // MARK: Abuse

  /// RST_STREAM frames that a peer may send at once.
  public var peerResetBurst = 1_000
  /// RST_STREAM frames that a peer may send in the long run.
  public var peerResetsPerSecond = 33
  /// RST_STREAM frames that a peer may provoke at once.
  public var provokedResetBurst = 1_000
  /// RST_STREAM frames that a peer may provoke in the long run.
  public var provokedResetsPerSecond = 100
  /// Acknowledgments of PING and SETTINGS that may wait to be sent.
  public var maxOutboundAcknowledgments = 1_000
  /// Entries of a SETTINGS frame.
  public var maxSettingsEntries = 32
  /// Frames that carry no call forward (PRIORITY, WINDOW_UPDATE, PING, SETTINGS, empty DATA, CONTINUATION, unknown ones, and
  /// all on streams that are closed) at once. Each frame with content, in either direction, earns two, and every 64 bytes
  /// sent earn one: a peer may well answer them. A reset earns one for each KiB of a stream's window, for what is under way.
  public var idleFrameBurst = 10_000
  /// Such frames in the long run.
  public var idleFramesPerSecond = 330
  /// Time between the PING frames of a peer without a call; a tenth less is let pass, for the network's sake.
  public var minPingIntervalSeconds = 300
  /// Time between the PING frames of a peer with calls open, likewise.
  public var minPingIntervalWithCallsSeconds = 10
  /// PING frames that may come too early before the peer is told `too_many_pings`.
  public var maxPingStrikes = 2

  // MARK: Log

  /// Time between two lines of the log on the same kind of misconduct.
  public var incidentLogIntervalSeconds = 1

  public init() {}
}
