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
  private static let checkInterval: UInt64 = 1_000_000_000

  let router: Router
  let limits: Limits
  let executor: LoopExecutor
  private let streamPool: StreamPool
  let crossOrigin: CrossOrigin
  let info: ConnectionInfo
  /// Monotonic time in nanoseconds, as of this turn of the loop.
  private(set) var now = Deadline.nowNanoseconds()
  /// Nanoseconds; 0 is none.
  let defaultDeadline: UInt64
  /// The bytes that are held for the peer.
  let buffers: ConnectionBuffers

  /// Bytes that went to the channel, all told.
  @exclusivity(unchecked) private var writtenBytes = 0

  /// Whether there is a call, for the server's gate.
  var idle: IdleMark?
  private weak var registry: ConnectionRegistry?
  private var liveSession: Session?
  private var context: ChannelHandlerContext?
  // Of the loop alone, and no change of one comes back to it: the checks for that are left out of the hot path.
  @exclusivity(unchecked) private var open: [ServerStream] = []
  /// Streams that were open when the connection ended. The session knows them: they live as long as it does.
  private var abandoned: [ServerStream] = []
  private var isReading = false
  private var isFlushScheduled = false
  private var isFlushing = false
  /// The last words are said; what still comes in is dropped.
  private var isLeaving = false
  /// Others wait for the place of the connection.
  private var isGivenUp = false
  /// A GOAWAY has been submitted.
  private var isGoingAway = false

  private let timer = TimerEntry()
  @exclusivity(unchecked) private var life: ConnectionLife
  @exclusivity(unchecked) private var conduct: PeerConduct

  init(
    router: Router,
    limits: Limits,
    executor: LoopExecutor,
    streamPool: StreamPool,
    context: ServerContext,
    crossOrigin: CrossOrigin,
    peer: Peer,
    registry: ConnectionRegistry,
    budget: BufferBudget
  ) {
    self.router = router
    self.limits = limits
    self.executor = executor
    self.streamPool = streamPool
    self.crossOrigin = crossOrigin
    self.registry = registry
    defaultDeadline = UInt64(limits.defaultDeadlineSeconds) &* 1_000_000_000
    buffers = ConnectionBuffers(limits: limits, budget: budget)
    info = ConnectionInfo(context: context, peer: peer)
    life = ConnectionLife(limits: limits, now: now)
    conduct = PeerConduct(limits: limits, now: now)
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
    guard liveSession == nil, !isLeaving else { return }
    let session = Session(
      role: .server, limits: limits, maxSentHeaderBytes: limits.maxResponseHeaderBytes, owner: self)
    guard let session else { return close() }
    liveSession = session
    session.submitSettings(
      [
        (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams),
        (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindowBytes),
        (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.maxHeaderBytes),
      ],
      connectionWindowBytes: limits.connectionWindowBytes
    )
    timer.onExpiry = { [unowned self] in check() }
    executor.timers.schedule(timer, at: now &+ ServerConnection.checkInterval)
    registry?.add(self)
    flush()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let liveSession, !isLeaving else { return }
    if !isReading {
      isReading = true
      now = Deadline.nowNanoseconds()
      life.lastReadAt = now
      executor.handlers.beginTurn()
    }
    let failure =
      unwrapInboundIn(data).withUnsafeReadableBytes { liveSession.receive($0) }
      ?? conduct.settle(frameCount: liveSession.receivedFrameCount, sent: liveSession.sent, now: now)
    if let failure {
      endTurn()
      end(failure)
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
    if context.channel.isWritable {
      buffers.keepUnwritten(0)
      flush()
    }
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    isLeaving = true
    // The turn's end may not come any more.
    if isReading { executor.handlers.endTurn() }
    executor.timers.cancel(timer)
    timer.onExpiry = nil
    release()
    registry?.remove(self)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // Connections end in many ways, and none is news.
    info.context.logger.debug("connection failed", metadata: ["peer": "\(info.peer)", "error": "\(error)"])
    close()
  }

  // MARK: The end

  /// Says why, and ends the connection.
  func end(_ end: ConnectionEnd) {
    guard let liveSession, !isLeaving else { return }
    if !liveSession.isTerminated {
      report("connection ended", reason: "\(end.reason)")
      isGoingAway = true
      liveSession.terminate(end)
    }
    // Within a read or a write the end of it sends what there is.
    if !isReading, !isFlushing { flush() }
    if context?.channel.isWritable != true { close() }
  }

  /// Lets the peer read the last words: a socket that closes with bytes unread takes them away.
  private func leave() {
    guard !isLeaving, let context else { return }
    guard limits.lingerTimeoutSeconds > 0, !isGivenUp, context.channel.isWritable else { return close() }
    isLeaving = true
    release()
    timer.onExpiry = { [unowned self] in close() }
    executor.timers.schedule(timer, at: now &+ Limits.nanoseconds(limits.lingerTimeoutSeconds))
    context.close(mode: .output, promise: nil)
  }

  private func close() {
    isLeaving = true
    context?.close(promise: nil)
  }

  /// Cancels the calls and lets go of the session.
  private func release() {
    let streams = open
    open = []
    if !streams.isEmpty { idle?.beginIdling(now: now) }
    for stream in streams {
      stream.position = -1
      stream.abandon()
    }
    abandoned += streams
    buffers.releaseAll()
    guard isFlushing || isReading else { return dropSession() }
    // nghttp2 is on the stack.
    executor.eventLoop.execute { self.dropSession() }
  }

  private func dropSession() {
    liveSession = nil
    abandoned = []
  }

  /// Logs what the peer does wrong.
  func report(_ incident: StaticString, reason: @autoclosure () -> String? = nil) {
    info.context.incidents.report(
      incident,
      peer: info.peer.address,
      metadata: reason().map { ["reason": .string($0)] } ?? [:],
      now: now
    )
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
    guard let liveSession, let context, !isFlushing, !isLeaving, context.channel.isActive else { return }
    isFlushing = true
    var output = executor.takeOutput()
    defer {
      isFlushing = false
      executor.putBack(output)
    }
    // A write may end the connection, and its streams with it.
    while context.channel.isActive, context.channel.isWritable {
      output.clear()
      guard liveSession.send(into: &output, limit: ServerConnection.writeBytes) else { return close() }
      guard output.readableBytes > 0 else { break }
      writtenBytes &+= output.readableBytes
      context.writeAndFlush(wrapOutboundOut(output), promise: nil)
      if !context.channel.isWritable { buffers.keepUnwritten(output.readableBytes) }
    }
    guard context.channel.isActive else { return }
    if !liveSession.isAlive { return leave() }
    if buffers.decongest() { decongest() }
  }

  // MARK: Buffers

  /// Response bytes wait to be sent.
  func didQueue(_ byteCount: Int) {
    if buffers.queue(byteCount) { info.lane.block() }
  }

  private func decongest() {
    // Each may congest the connection again; the others then wait for the next time.
    for stream in open where !buffers.isCongested { stream.decongest() }
    if !buffers.isCongested { executor.handlers.unblock(info.lane) }
  }

  /// The server holds too many bytes, and this connection the most of all: it ends calls, those with the most bytes first,
  /// until `byteCount` bytes are free. A connection without such calls ends itself.
  func shed(_ byteCount: Int) {
    guard !isLeaving else { return }
    report("calls ended: the server holds too many bytes")
    now = Deadline.nowNanoseconds()
    var excess = byteCount
    for stream in open.sorted(by: { $0.heldBytes > $1.heldBytes }) where excess > 0 && stream.heldBytes > 0 {
      excess -= stream.heldBytes
      stream.shed()
    }
    if excess == byteCount { end(.tooManyBytes) } else { flush() }
  }

  // MARK: Session

  func sessionOpensStream(_ id: Int32) -> Unmanaged<SessionStream>? {
    guard let liveSession else { return nil }
    let stream = streamPool.take() ?? ServerStream(connection: self, session: liveSession)
    stream.begin(id: id, on: self, liveSession)
    stream.position = open.count
    if open.isEmpty { idle?.endIdling() }
    open.append(stream)
    life.lastCallAt = now
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
    if open.isEmpty { idle?.beginIdling(now: now) }
    closed.recycle()
    streamPool.put(closed)
  }

  func session(_ session: Session, didReceive frame: Session.ControlFrame) {
    if case .settings = frame { life.handshakeDone = true }
    let offense = conduct.receive(frame, sent: session.sent, hasCalls: !open.isEmpty, now: now)
    if let offense { end(offense) }
  }

  func sessionDidSendReset(_ session: Session) {
    if let offense = conduct.provokeReset(now: now) { end(offense) }
  }

  func session(_ session: Session, didSendGoAway errorCode: UInt32, reason: String) {
    // What this side decides is logged by then.
    guard !isGoingAway else { return }
    isGoingAway = true
    report("connection ended", reason: reason.isEmpty ? Session.name(ofError: errorCode) : reason)
  }

  // MARK: Time

  private func check() {
    now = Deadline.nowNanoseconds()
    // With TLS a few bytes more than were written, which does not matter.
    let waiting = context?.backlogBytes ?? 0
    let observation = ConnectionLife.Observation(
      now: now, hasCalls: !open.isEmpty, takenBytes: writtenBytes &- waiting, waitingBytes: waiting)
    switch life.act(on: observation) {
    case .nothing: break
    case .ping:
      liveSession?.submitPing()
      flush()
    case .drain: drain()
    case .end(let reason): end(reason)
    }
    for stream in open where !isLeaving { stream.check(now: now, isSocketFull: waiting > 0) }
    if !isLeaving { executor.timers.schedule(timer, at: now &+ ServerConnection.checkInterval) }
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
      guard let liveSession = self.liveSession, !self.isLeaving else { return }
      liveSession.submitGoAway(errorCode: NGHTTP2_NO_ERROR)
      self.flush()
    }
  }

  /// Closes a connection without calls, for others to have its place.
  func giveUp() {
    guard open.isEmpty else { return }
    isGivenUp = true
    // Whoever does not read what was said before will not read this.
    if isLeaving || isGoingAway || context?.channel.isWritable != true { close() } else { drain() }
  }

  /// Ends what has not ended by itself: every call fails with UNAVAILABLE, and the connection closes.
  func forceEnd() {
    let error = RPCError(.unavailable, "the server shuts down")
    for stream in open { stream.shutDown(error) }
    isGoingAway = true
    liveSession?.submitGoAway(errorCode: NGHTTP2_NO_ERROR)
    flush()
    leave()
  }
}
