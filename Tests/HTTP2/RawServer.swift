import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A server that says the frames that a test wants, also wrong ones.
struct RawServer {
  /// Hears the frames of a connection, all but SETTINGS and WINDOW_UPDATE.
  typealias Script = @Sendable (RawConnection, RawFrame) -> Void

  let port: Int
  private let listener: any Channel
  private let open = NIOLockedValueBox(0)
  /// A thread of its own: what a script does holds no other test up.
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  /// `settings` is said first on each connection.
  init(settings: [(id: UInt16, value: Int)] = [], _ script: @escaping Script) async throws {
    let count = NIOLockedValueBox(0)
    let open = open
    let greeting = RawFrame.settings([(4, 1 << 24)] + settings)
    listener = try await ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let number = count.withLockedValue { count in
            defer { count += 1 }
            return count
          }
          let connection = RawConnection(number: number, greeting: greeting, script: script)
          open.withLockedValue { $0 += 1 }
          channel.closeFuture.whenComplete { _ in open.withLockedValue { $0 -= 1 } }
          try channel.pipeline.syncOperations.addHandler(connection)
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    port = listener.localAddress?.port ?? 0
  }

  /// Connections that are open.
  var connectionCount: Int { open.withLockedValue { $0 } }

  func close() async {
    try? await listener.close()
    try? await group.shutdownGracefully()
  }
}

/// A connection of a `RawServer`. All on its loop.
final class RawConnection: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// Connections count from 0.
  let number: Int
  private let greeting: RawFrame
  private let script: RawServer.Script
  private var context: ChannelHandlerContext?
  private var input: [UInt8] = []
  private var hasPreface = false
  private var window = 65_535
  private var streamWindows: [Int: Int] = [:]
  private var initialWindow = 65_535
  private var waiting: [RawFrame] = []

  init(number: Int, greeting: RawFrame, script: @escaping RawServer.Script) {
    self.number = number
    self.greeting = greeting
    self.script = script
  }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    write([greeting, .windowUpdate(0, 1 << 24)])
  }

  func channelInactive(context: ChannelHandlerContext) { self.context = nil }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    input += Array(unwrapInboundIn(data).readableBytesView)
    if !hasPreface, input.count >= RawConnection.preface.count {
      input.removeFirst(RawConnection.preface.count)
      hasPreface = true
    }
    while hasPreface, let frame = RawFrame.take(from: &input) { receive(frame) }
  }

  private func receive(_ frame: RawFrame) {
    switch frame.kind {
    case .settings where !frame.isAcknowledgment:
      for start in stride(from: 0, to: frame.payload.count, by: 6)
      where RawFrame.number(frame.payload[start..<start + 2]) == 4 {
        initialWindow = RawFrame.number(frame.payload[start + 2..<start + 6])
      }
      write([RawFrame(kind: .settings, flags: RawFrame.acknowledgment)])
    case .settings: break
    case .windowUpdate:
      let count = RawFrame.number(frame.payload[...])
      if frame.stream == 0 { window += count } else { streamWindows[frame.stream, default: initialWindow] += count }
      flush()
    default: script(self, frame)
    }
  }

  /// Sends frames; DATA waits for the client's window.
  func send(_ frames: RawFrame...) { send(frames) }

  func send(_ frames: [RawFrame]) {
    waiting += frames
    flush()
  }

  func close() { context?.close(promise: nil) }

  private func flush() {
    let count = waiting.firstIndex { frame in
      guard frame.kind == .data else { return false }
      let count = frame.payload.count
      guard count <= window, count <= streamWindows[frame.stream, default: initialWindow] else { return true }
      window -= count
      streamWindows[frame.stream, default: initialWindow] -= count
      return false
    }
    let ready = Array(waiting.prefix(count ?? waiting.count))
    waiting.removeFirst(ready.count)
    write(ready)
  }

  private func write(_ frames: [RawFrame]) {
    guard let context, !frames.isEmpty else { return }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: frames.flatMap(\.bytes))), promise: nil)
  }
}

extension RawFrame {
  /// The headers of a response.
  static func response(_ stream: Int) -> RawFrame {
    .headers(stream, [(":status", "200"), ("content-type", "application/grpc")])
  }

  /// A message in its frame of gRPC.
  static func message(_ stream: Int, _ message: [UInt8]) -> RawFrame { .data(stream, framed(message)) }

  static func framed(_ message: [UInt8]) -> [UInt8] {
    [0] + withUnsafeBytes(of: UInt32(message.count).bigEndian) { Array($0) } + message
  }

  /// The end of a call whose response has begun.
  static func trailers(_ stream: Int, status: Int = 0) -> RawFrame {
    .headers(stream, [("grpc-status", "\(status)")], end: true)
  }

  /// The end of a call that has no response.
  static func refusal(_ stream: Int, status: Int, _ more: [(name: String, value: String)] = []) -> RawFrame {
    let fields = [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "\(status)")]
    return .headers(stream, fields.map { (name: $0.0, value: $0.1) } + more, end: true)
  }
}
