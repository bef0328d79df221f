import NIOCore
import NIOPosix

/// Says the same to everybody.
struct TextServer {
  private final class Speaker: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let text: String

    init(_ text: String) { self.text = text }

    func channelActive(context: ChannelHandlerContext) {
      context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
    }
  }

  let port: Int
  private let listener: any Channel

  init(_ text: String) async throws {
    listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { $0.pipeline.addHandler(Speaker(text)) }
      .bind(host: "127.0.0.1", port: 0).get()
    port = listener.localAddress?.port ?? 0
  }

  func close() async { try? await listener.close() }
}
