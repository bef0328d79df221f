import CNghttp2
import Logging
import NIOCore
import RPC

/// A connection of a server. What a read brings in goes to the session at once; all that the session wants to send
/// leaves in one write at the end of the turn.
final class ServerConnection: ChannelInboundHandler, SessionOwner, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// One write moves no more than this, so that a peer that does not read holds up no more either.
  private static let writeBytes = 256 << 10
  private static let pooledStreams = 256
  private static let checkInterval: UInt64 = 1_000_000_000

  let router: Router
  let limits: Limits
  let executor: LoopExecutor
  let info: ConnectionInfo
  /// Monotonic time in nanoseconds, as of this turn of the loop.
  private(set) var now = Deadline.nowNanoseconds()
  /// Nanoseconds; 0 is none.
  let defaultDeadline: UInt64
  let maxBufferedBytes: Int
  /// Body bytes of requests that are not whole yet.
  var bufferedBytes = 0

  private weak var registry: ConnectionRegistry?
  private var liveSession: Session?
  private var context: ChannelHandlerContext?
  // Of the loop alone, and no change of one comes back to it: the checks for that are left out of the hot path.
  @exclusivity(unchecked) private var output = ByteBuffer()
  @exclusivity(unchecked) private var open: [ServerStream] = []
  @exclusivity(unchecked) private var pool: [ServerStream] = []
  private var isReading = false
  private var isFlushScheduled = false
  private var isFlushing = false
  private var isClosing = false

  private let timer = TimerEntry()
  private let startedAt: UInt64
  private var lastProgressAt: UInt64
  private var lastCallAt: UInt64
  private var handshakeDone = false
  private var isGoingAway = false
  @exclusivity(unchecked) private var idleFrames: TokenBucket
  private var provokedResets: TokenBucket
  @exclusivity(unchecked) private var pings: PingPolicy

  init(
    router: Router,
    limits: Limits,
    executor: LoopExecutor,
    context: ServerContext,
    peer: String,
    registry: ConnectionRegistry
  ) {
    self.router = router
    self.limits = limits
    self.executor = executor
    self.registry = registry
    defaultDeadline = UInt64(limits.defaultDeadlineSeconds) * 1_000_000_000
    maxBufferedBytes = limits.maxBufferedRequestBytesPerConnection
    info = ConnectionInfo(context: context, peer: peer)
    startedAt = now
    lastProgressAt = now
    lastCallAt = now
    idleFrames = TokenBucket(burst: limits.idleFrameBurst, perSecond: limits.idleFramesPerSecond, now: now)
    provokedResets = TokenBucket(burst: limits.provokedResetBurst, perSecond: limits.provokedResetsPerSecond, now: now)
    pings = PingPolicy(limits: limits)
  }

  // MARK: Channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { start() }
  }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelActive(context: ChannelHandlerContext) {
    start()
    context.fireChannelActive()
  }

  private func start() {
    guard liveSession == nil, !isClosing else { return }
    guard let session = Session(role: .server, limits: limits, owner: self) else {
      close()
      return
    }
    liveSession = session
    session.submitSettings(
      [
        (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams),
        (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindowBytes),
        (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.maxHeaderBytes),
        (NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
      ],
      connectionWindowBytes: limits.connectionWindowBytes
    )
    timer.onExpiry = { [unowned self] in check() }
    executor.timers.schedule(timer, at: now &+ ServerConnection.checkInterval)
    registry?.add(self)
    flush()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let liveSession, !isClosing else { return }
    if !isReading {
      isReading = true
      now = Deadline.nowNanoseconds()
      executor.handlers.beginTurn()
    }
    let buffer = unwrapInboundIn(data)
    guard buffer.withUnsafeReadableBytes({ liveSession.receive($0) }) else {
      // The session has its GOAWAY ready where the peer can still read it.
      endTurn()
      flush()
      close()
      return
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    endTurn()
    flush()
    context.fireChannelReadComplete()
  }

  /// Lets the handlers of this turn's requests run; what they send leaves with the turn's write.
  private func endTurn() {
    guard isReading else { return }
    executor.handlers.endTurn()
    isReading = false
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { flush() }
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // Connections end in many ways, and none is news.
    info.context.logger.debug("connection failed", metadata: ["peer": "\(info.peer)", "error": "\(error)"])
    close()
  }

  private func end() {
    isClosing = true
    // The turn's end may not come any more.
    if isReading { executor.handlers.endTurn() }
    executor.timers.cancel(timer)
    timer.onExpiry = nil
    let streams = open
    open = []
    for stream in streams {
      stream.position = -1
      stream.abandon()
    }
    registry?.remove(self)
    guard !isFlushing, !isReading else {
      // nghttp2 is on the stack.
      executor.eventLoop.execute { self.dropSession() }
      return
    }
    dropSession()
  }

  private func dropSession() {
    liveSession = nil
    pool = []
  }

  private func close() {
    guard !isClosing else { return }
    isClosing = true
    context?.close(promise: nil)
  }

  // MARK: Writing

  /// Something waits to be sent; it leaves at the end of this turn of the loop.
  func scheduleFlush() {
    guard !isReading, !isFlushScheduled, !isFlushing else { return }
    isFlushScheduled = true
    executor.eventLoop.execute {
      self.isFlushScheduled = false
      self.now = Deadline.nowNanoseconds()
      self.flush()
    }
  }

  private func flush() {
    guard let liveSession, let context, !isFlushing, context.channel.isActive else { return }
    isFlushing = true
    defer { isFlushing = false }
    // A write may end the connection, and its streams with it.
    while context.channel.isActive, context.channel.isWritable {
      output.clear()
      guard liveSession.send(into: &output, limit: ServerConnection.writeBytes) else { return close() }
      guard output.readableBytes > 0 else { break }
      lastProgressAt = now
      context.writeAndFlush(wrapOutboundOut(output), promise: nil)
    }
    if context.channel.isActive, !liveSession.isAlive { close() }
  }

  // MARK: Session

  func sessionOpensStream(_ id: Int32) -> Unmanaged<SessionStream>? {
    guard let stream = pool.popLast() ?? liveSession.map({ ServerStream(connection: self, session: $0) }) else {
      return nil
    }
    stream.id = id
    stream.position = open.count
    open.append(stream)
    lastCallAt = now
    return .passUnretained(stream)
  }

  func remove(_ stream: ServerStream) {
    let position = stream.position
    guard position >= 0, position < open.count else { return }
    stream.position = -1
    // The session has lent the stream: from here on this is the reference that keeps it.
    let closed: ServerStream
    if position == open.count - 1 {
      closed = open.removeLast()
    } else {
      closed = open[position]
      open[position] = open.removeLast()
      open[position].position = position
    }
    closed.recycle()
    if pool.count < ServerConnection.pooledStreams { pool.append(closed) }
  }

  func session(_ session: Session, didReceive frame: Session.ControlFrame) -> Bool {
    switch frame {
    case .content:
      idleFrames.earn(2)
      pings.reset()
      return true
    case .ping:
      guard pings.accept(now: now, hasCalls: !open.isEmpty) else {
        goAway(NGHTTP2_ENHANCE_YOUR_CALM, debug: "too_many_pings")
        return true
      }
    case .settings: handshakeDone = true
    case .goAway, .settingsAcknowledgment, .pingAcknowledgment, .idle, .invalid: break
    }
    if idleFrames.take(now: now) { return true }
    goAway(NGHTTP2_ENHANCE_YOUR_CALM)
    return true
  }

  func sessionDidSendReset(_ session: Session) -> Bool {
    if !provokedResets.take(now: now) { goAway(NGHTTP2_ENHANCE_YOUR_CALM) }
    return true
  }

  private func goAway(_ errorCode: nghttp2_error_code, debug: StaticString = "") {
    guard !isGoingAway else { return }
    isGoingAway = true
    if debug.utf8CodeUnitCount > 0 { liveSession?.submitGoAway(errorCode: errorCode, debug: debug) }
    liveSession?.terminate(errorCode: errorCode)
  }

  // MARK: Time

  private func check() {
    now = Deadline.nowNanoseconds()
    let seconds = { (limit: Int) in UInt64(limit) &* 1_000_000_000 }
    if !handshakeDone, now &- startedAt > seconds(limits.handshakeTimeoutSeconds) { return close() }
    if let context, !context.channel.isWritable, now &- lastProgressAt > seconds(limits.stalledWriteTimeoutSeconds) {
      return close()
    }
    if open.isEmpty, now &- lastCallAt > seconds(limits.idleTimeoutSeconds) { drain() }
    if !open.isEmpty { lastCallAt = now }
    for stream in open { stream.check(now: now) }
    executor.timers.schedule(timer, at: now &+ ServerConnection.checkInterval)
  }

  // MARK: Shutdown

  /// Asks the peer to open no more calls, and closes when the last one has ended.
  func drain() {
    guard let liveSession, !isGoingAway else { return }
    isGoingAway = true
    // The notice first, so that calls that are on their way are still served; the last word a moment later.
    liveSession.submitShutdownNotice()
    flush()
    executor.eventLoop.scheduleTask(in: .milliseconds(50)) {
      guard let liveSession = self.liveSession, !self.isClosing else { return }
      liveSession.submitGoAway(errorCode: NGHTTP2_NO_ERROR)
      self.flush()
    }
  }

  /// Ends what has not ended by itself: every call fails with UNAVAILABLE, and the connection closes.
  func forceEnd() {
    let error = RPCError(.unavailable, "the server shuts down")
    for stream in open { stream.shutDown(error) }
    liveSession?.submitGoAway(errorCode: NGHTTP2_NO_ERROR)
    flush()
    close()
  }
}
