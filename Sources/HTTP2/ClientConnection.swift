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

  let authority: String
  let isSecure: Bool
  /// Called once, when calls can be made.
  var whenActive: (() -> Void)?
  private let executor: LoopExecutor
  private var session: Session?
  private var context: ChannelHandlerContext?
  private var streams: [HTTP2ClientStream] = []
  private var output = ByteBuffer()
  private var isReading = false
  private var isFlushing = false
  private var isFlushScheduled = false
  /// False once the connection takes no new calls; it may still have old ones.
  private(set) var isUsable = true

  init(executor: LoopExecutor, authority: String, isSecure: Bool) {
    self.executor = executor
    self.authority = authority
    self.isSecure = isSecure
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
    guard let session = Session(role: .client, limits: Limits(), owner: self) else { return close() }
    self.session = session
    session.submitSettings(
      [(NGHTTP2_SETTINGS_ENABLE_PUSH, 0), (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, ClientConnection.streamWindowBytes)],
      connectionWindowBytes: ClientConnection.windowBytes
    )
    flush()
    whenActive?()
    whenActive = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let session else { return }
    isReading = true
    let buffer = unwrapInboundIn(data)
    if buffer.withUnsafeReadableBytes({ session.receive($0) }) != nil {
      isReading = false
      flush()
      close()
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    flush()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { flush() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }

  func channelInactive(context: ChannelHandlerContext) {
    isUsable = false
    let lost = streams
    streams = []
    for stream in lost { stream.abandon() }
    // nghttp2 may be on the stack.
    executor.eventLoop.execute { self.session = nil }
  }

  func close() {
    isUsable = false
    context?.close(promise: nil)
  }

  // MARK: Streams

  func open(_ stream: HTTP2ClientStream, _ headers: HeaderList) -> Int32? {
    // The connect succeeds a moment before the channel says that it is active.
    if session == nil, context?.channel.isActive == true { start() }
    guard isUsable, let session, let id = session.submitRequest(stream, headers) else {
      isUsable = false
      return nil
    }
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
    if case .goAway = frame {
      isUsable = false
      if streams.isEmpty { executor.eventLoop.execute { self.close() } }
    }
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
