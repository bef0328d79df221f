import CNghttp2
import NIOCore
import RPC

/// A connection of a client: one session, many calls. What a turn of the loop brings leaves in one write.
final class ClientConnection: ChannelInboundHandler, SessionOwner, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// One write moves no more than this.
  private static let writeBytes = 256 << 10

  let eventLoop: any EventLoop
  let limits: ClientLimits
  let authority: String

  private var session: Session?
  private var context: ChannelHandlerContext?
  private var output = ByteBuffer()
  private var open: [Int32: ClientStreamCall] = [:]
  /// Calls beyond what the server lets run at a time.
  private var waiting = Queue<ClientStreamCall>()
  private var isFlushScheduled = false
  private var isBusy = false
  private var isEnded = false
  private var onEnd: (@Sendable () -> Void)?

  init(eventLoop: any EventLoop, limits: ClientLimits, authority: String, onEnd: @escaping @Sendable () -> Void) {
    self.eventLoop = eventLoop
    self.limits = limits
    self.authority = authority
    self.onEnd = onEnd
  }

  // MARK: Calls

  /// Begins a call, on the loop; at once, or when the server lets another one run.
  func start(_ call: ClientStreamCall) {
    call.startClock()
    waiting.append(call)
    startWaiting()
  }

  func consume(_ call: ClientStreamCall, _ byteCount: Int) {
    guard open[call.id] === call else { return }
    session?.consume(call, byteCount)
    scheduleFlush()
  }

  func resume(_ call: ClientStreamCall) {
    guard open[call.id] === call else { return }
    session?.resume(call)
    scheduleFlush()
  }

  func reset(_ call: ClientStreamCall, _ code: nghttp2_error_code) {
    guard open[call.id] === call else { return }
    session?.reset(call, errorCode: code)
    scheduleFlush()
  }

  func forget(_ call: ClientStreamCall) {
    open[call.id] = nil
    // nghttp2 is on the stack here, and takes no new stream.
    eventLoop.execute { self.startWaiting() }
  }

  private func startWaiting() {
    while open.count < (session?.peerMaxConcurrentStreams ?? .max), let call = waiting.popFirst() {
      guard !call.hasEnded else { continue }
      guard !isEnded, let session, let id = session.submitRequest(call, call.requestFields) else {
        call.fail(RPCError.unavailable("the connection to \(authority) is closed"))
        continue
      }
      call.id = id
      open[id] = call
      scheduleFlush()
    }
  }

  /// Ends the connection; calls that run fail.
  func close() {
    isEnded = true
    session?.terminate(errorCode: NGHTTP2_NO_ERROR)
    flush()
    context?.close(promise: nil)
  }

  // MARK: Channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { begin() }
  }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelActive(context: ChannelHandlerContext) { begin() }

  private func begin() {
    guard session == nil else { return }
    var sessionLimits = Limits()
    sessionLimits.maxHeaderBytes = limits.maxHeaderBytes
    guard let session = Session(role: .client, limits: sessionLimits, owner: self) else {
      context?.close(promise: nil)
      return
    }
    self.session = session
    session.submitSettings(
      [
        (NGHTTP2_SETTINGS_ENABLE_PUSH, 0),
        (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindowBytes),
        (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.maxHeaderBytes),
      ], connectionWindowBytes: limits.connectionWindowBytes)
    startWaiting()
    flush()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let session else { return }
    isBusy = true
    let isSound = unwrapInboundIn(data).withUnsafeReadableBytes { session.receive($0) }
    isBusy = false
    if !isSound { context.close(promise: nil) }
  }

  func channelReadComplete(context: ChannelHandlerContext) { flush() }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { flush() }
  }

  func channelInactive(context: ChannelHandlerContext) {
    isEnded = true
    let calls = open.values
    open = [:]
    let error = RPCError.unavailable("the connection to \(authority) was lost")
    for call in calls { call.fail(error) }
    while let call = waiting.popFirst() { call.fail(error) }
    ended()
    eventLoop.execute { self.session = nil }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func ended() {
    onEnd?()
    onEnd = nil
  }

  // MARK: Session

  func sessionOpensStream(_ id: Int32) -> SessionStream? { nil }

  func session(_ session: Session, didReceive frame: Session.ControlFrame) -> Bool {
    switch frame {
    case .goAway(let lastStreamID, _):
      // New calls take a new connection; the ones that the server never saw may be tried there.
      isEnded = true
      ended()
      for call in open.values where call.id > lastStreamID {
        call.fail(RPCError.unavailable("the server went away before it took the call"))
      }
    case .settings: eventLoop.execute { self.startWaiting() }
    default: break
    }
    return true
  }

  func sessionDidSendReset(_ session: Session) -> Bool { true }

  // MARK: Writing

  private func scheduleFlush() {
    guard !isFlushScheduled else { return }
    isFlushScheduled = true
    eventLoop.execute {
      self.isFlushScheduled = false
      self.flush()
    }
  }

  private func flush() {
    guard let session, let context, !isBusy, context.channel.isActive else { return }
    isBusy = true
    defer { isBusy = false }
    while context.channel.isWritable {
      output.clear()
      guard session.send(into: &output, limit: ClientConnection.writeBytes) else {
        context.close(promise: nil)
        return
      }
      guard output.readableBytes > 0 else { break }
      context.writeAndFlush(wrapOutboundOut(output), promise: nil)
    }
    if !session.isAlive { context.close(promise: nil) }
  }
}
