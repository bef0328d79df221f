import CNghttp2
import NIOCore
import RPC

/// A connection of a client.
final class ClientConnection: ChannelInboundHandler, SessionOwner, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private static let writeBytes = 256 << 10
  private static let windowBytes = 4 << 20
  private static let streamWindowBytes = 256 << 10
  private static let checkInterval = TimeAmount.seconds(1)
  /// An error shows no more of what a server says of its reason.
  private static let maxReasonCharacters = 200

  let authority: String
  let isSecure: Bool
  /// Called once, when the connection takes no new calls any more.
  var whenRetired: (() -> Void)?
  private let executor: LoopExecutor
  private let limits: ClientLimits
  private let pace: KeepalivePace
  /// Hears when calls can be made.
  private let opened: EventLoopPromise<ClientConnection>
  private var life: ConnectionLife
  private var check: RepeatedTask?
  /// Since the last check bytes came in, or a call began.
  private var hasRead = false
  private var hasBegunCall = false
  private var session: Session?
  private var context: ChannelHandlerContext?
  private var streams: [HTTP2ClientStream] = []
  /// Calls for which the server has no room, also some that have ended meanwhile. Not in nghttp2's queue, which a call could
  /// not leave when the connection takes no more and old calls go on.
  private var held = Queue<HTTP2ClientStream>()
  /// Streams that the server lets be open at a time.
  private var maxStreams = 0
  private var output = ByteBuffer()
  private var isReading = false
  private var isFlushing = false
  private var isFlushScheduled = false
  /// False once the connection takes no new calls; it may still have old ones.
  private(set) var isUsable = true
  /// Nobody needed it any more.
  private(set) var wasIdle = false
  /// Why the connection ends, as far as that is known; the first reason leads to all others.
  private var reason: String?

  /// Why the connection was lost.
  private struct Loss: Error, CustomStringConvertible { let description: String }

  init(
    executor: LoopExecutor,
    authority: String,
    isSecure: Bool,
    limits: ClientLimits,
    pace: KeepalivePace,
    opened: EventLoopPromise<ClientConnection>
  ) {
    self.executor = executor
    self.authority = authority
    self.isSecure = isSecure
    self.limits = limits
    self.pace = pace
    life = pace.life(now: Deadline.nowNanoseconds())
    self.opened = opened
  }

  // MARK: Channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { start() }
  }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelActive(context: ChannelHandlerContext) { start() }

  private func start() {
    guard session == nil else { return }
    let session = Session(
      role: .client, limits: Limits(), maxSentHeaderBytes: limits.maxRequestHeaderBytes, owner: self)
    guard let session else { return close() }
    self.session = session
    session.submitSettings(
      [
        (NGHTTP2_SETTINGS_ENABLE_PUSH, 0),
        (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, ClientConnection.streamWindowBytes),
        (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.maxHeaderBytes),
      ],
      connectionWindowBytes: ClientConnection.windowBytes
    )
    check = executor.eventLoop.scheduleRepeatedTask(
      initialDelay: ClientConnection.checkInterval, delay: ClientConnection.checkInterval
    ) { _ in self.look() }
    flush()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let session else { return }
    isReading = true
    hasRead = true
    let buffer = unwrapInboundIn(data)
    if let end = buffer.withUnsafeReadableBytes({ session.receive($0) }) {
      isReading = false
      flush()
      close(because: "the server broke the HTTP/2 protocol: \(end.reason)")
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    flush()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { flush() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { close(because: FailureText.describe(error)) }

  func channelInactive(context: ChannelHandlerContext) {
    let reason = reason ?? "the server closed the connection"
    self.reason = reason
    opened.fail(Loss(description: reason))
    check?.cancel()
    retire()
    let lost = streams
    streams = []
    for stream in lost { stream.abandon(wasSent: session?.hasSent(stream) ?? false, because: reason) }
    // nghttp2 may be on the stack.
    executor.eventLoop.execute { self.session = nil }
  }

  private func look() {
    let now = Deadline.nowNanoseconds()
    if hasRead { life.lastReadAt = now }
    if hasBegunCall { life.lastCallAt = now }
    hasRead = false
    hasBegunCall = false
    dropEnded()
    let hasCalls = !streams.isEmpty || !held.isEmpty
    let mayPing = hasCalls || limits.keepaliveWithoutCalls
    switch life.act(on: ConnectionLife.Observation(now: now, hasCalls: hasCalls, mayPing: mayPing)) {
    case .nothing: break
    case .ping:
      session?.submitPing()
      flush()
    case .drain:
      wasIdle = true
      retire()
    case .end: close(because: "the server did not answer a PING within \(limits.keepaliveTimeoutSeconds) s")
    }
  }

  func close(because reason: String? = nil) {
    self.reason = self.reason ?? reason
    context?.close(promise: nil)
    retire()
  }

  /// Takes no new calls, and closes when the last of the old ones has ended.
  func retire() {
    guard isUsable else { return }
    isUsable = false
    let whenRetired = whenRetired
    self.whenRetired = nil
    whenRetired?()
    while let stream = held.popFirst() { abandon(stream) }
    if streams.isEmpty { executor.eventLoop.execute { self.close() } }
  }

  // MARK: Streams

  /// Begins a call, now or once the server has room for it. False when the connection takes no more.
  func take(_ stream: HTTP2ClientStream) -> Bool {
    guard isUsable else { return false }
    if streams.count < maxStreams { return stream.begin(on: self) }
    held.append(stream)
    return true
  }

  private func beginHeld() {
    while streams.count < maxStreams, isUsable, let stream = held.popFirst() {
      if !stream.begin(on: self) { abandon(stream) }
    }
  }

  /// Gives up on a call of which nothing was sent.
  private func abandon(_ stream: HTTP2ClientStream) {
    stream.abandon(wasSent: false, because: reason ?? "the connection takes no new calls")
  }

  /// Held calls that have ended are not kept for as long as others hold the room.
  private func dropEnded() {
    for _ in 0..<held.count {
      if let stream = held.popFirst(), !stream.isFinished { held.append(stream) }
    }
  }

  /// Opens a stream for a call; nil when the connection takes no more.
  func open(_ stream: HTTP2ClientStream, _ headers: HeaderList) -> Int32? {
    guard isUsable, let session, let id = session.submitRequest(stream, headers) else {
      retire()
      return nil
    }
    hasBegunCall = true
    stream.position = streams.count
    streams.append(stream)
    scheduleFlush()
    return id
  }

  func remove(_ stream: HTTP2ClientStream) {
    let position = stream.position
    guard position >= 0, position < streams.count else { return }
    stream.position = -1
    streams.swapAt(position, streams.count - 1)
    // Kept alive until nghttp2 has left the callback that says so.
    let removed = streams.removeLast()
    if position < streams.count { streams[position].position = position }
    executor.eventLoop.execute { _ = removed }
    if streams.isEmpty, !isUsable { executor.eventLoop.execute { self.close() } }
    beginHeld()
  }

  func resume(_ stream: HTTP2ClientStream) {
    session?.resume(stream)
    scheduleFlush()
  }

  func consume(_ stream: HTTP2ClientStream, _ byteCount: Int) {
    session?.consume(stream, byteCount)
    scheduleFlush()
  }

  func reset(_ stream: HTTP2ClientStream, _ errorCode: nghttp2_error_code) {
    session?.reset(stream, errorCode: errorCode)
    scheduleFlush()
  }

  // MARK: Session

  func sessionOpensStream(_ id: Int32) -> Unmanaged<SessionStream>? { nil }

  func session(_ session: Session, didReceive frame: Session.ControlFrame) {
    switch frame {
    case .settings:
      maxStreams = session.peerMaxConcurrentStreams
      opened.succeed(self)
      beginHeld()
    case .goAway(let errorCode, let debugData):
      if debugData == "too_many_pings" { pace.slowDown(authority) }
      let detail = debugData.isEmpty ? "" : ", “\(debugData.prefix(ClientConnection.maxReasonCharacters))”"
      reason = reason ?? "the server ended the connection with GOAWAY, \(Session.name(ofError: errorCode))\(detail)"
      retire()
    default: break
    }
  }

  func session(_ session: Session, didSendGoAway errorCode: UInt32, reason: String) {
    self.reason = self.reason ?? "the server broke the HTTP/2 protocol: \(reason)"
  }

  // MARK: Writing

  private func scheduleFlush() {
    guard !isReading, !isFlushScheduled, !isFlushing else { return }
    isFlushScheduled = true
    executor.eventLoop.execute {
      self.isFlushScheduled = false
      self.flush()
    }
  }

  private func flush() {
    guard let session, let context, !isFlushing, context.channel.isActive else { return }
    isFlushing = true
    defer { isFlushing = false }
    // A write may end the connection, and its streams with it.
    while context.channel.isActive, context.channel.isWritable {
      output.clear()
      guard session.send(into: &output, limit: ClientConnection.writeBytes) else { return close() }
      guard output.readableBytes > 0 else { break }
      context.writeAndFlush(wrapOutboundOut(output), promise: nil)
    }
    if context.channel.isActive, !session.isAlive { close() }
  }
}
