import HTTP2
import NIOConcurrencyHelpers
import RPC
import TestSupport
import Testing

/// Servers that say anything. A call ends all the same, and the process goes on.
@Suite(.timeLimit(.minutes(1)))
struct ClientFuzzTests {
  private static let method = TestService.Methods.echo

  /// A response with some of its frames changed, left out, doubled or made up.
  private static func frames(_ stream: Int, _ random: inout Seeded) -> [RawFrame] {
    var frames: [RawFrame] = [.response(stream), .message(stream, Reply(name: "done").serializedBytes())]
    frames.append(.trailers(stream))
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let index = Int.random(in: 0..<frames.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: frames.swapAt(index, 0)
      case 1: frames.insert(frames[index], at: index)
      case 2: frames[index].flags = UInt8.random(in: 0...255, using: &random)
      case 3: frames[index].stream = Int.random(in: 0...8, using: &random)
      case 4 where !frames[index].payload.isEmpty:
        let byte = Int.random(in: 0..<frames[index].payload.count, using: &random)
        frames[index].payload[byte] = UInt8.random(in: 0...255, using: &random)
      default:
        let kind = RawFrame.Kind(rawValue: UInt8.random(in: 0...9, using: &random)) ?? .ping
        let payload = (0..<Int.random(in: 0...20, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
        }
        frames.insert(RawFrame(kind: kind, flags: 0, stream: stream, payload: payload), at: index)
      }
    }
    return frames
  }

  @Test func everyCallEndsAndLeavesNoConnection() async throws {
    let random = NIOLockedValueBox(Seeded(7))
    let script = RawRequests().script { connection, stream, _ in
      connection.send(random.withLockedValue { ClientFuzzTests.frames(stream, &$0) })
    }
    let server = try await RawServer(script)
    for _ in 0..<200 {
      let channel = try HTTP2Channel(Target(host: "127.0.0.1", port: server.port), logger: quiet)
      for _ in 0..<3 {
        _ = await failure {
          try await channel.unary(Self.method, Request(), options: CallOptions(timeout: .milliseconds(20))) as Reply
        }
      }
      await channel.close()
    }
    #expect(await eventually { server.connectionCount == 0 })
    await server.close()
  }
}
