import Testing

@testable import HTTP2

@Suite("A client's frames")
struct InboundFramesTests {
  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
  private static let before: [RawFrame] = [.settings([(4, 7)]), .data(1, [7, 0, 0, 8, 7]), .ping(7)]
  private static let after: [RawFrame] = [.data(7, [UInt8](repeating: 7, count: 300)), .ping(1)]

  /// The bytes that come out, and in how many parts, when `bytes` come in in pieces of `size`.
  private func pass(_ bytes: [UInt8], size: Int) -> (bytes: [UInt8], parts: Int) {
    var filter = InboundFrames()
    var result: [UInt8] = []
    var parts = 0
    for start in stride(from: 0, to: bytes.count, by: size) {
      let end = Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBytes { piece in
        filter.pass(piece) { part in
          result += part
          parts += 1
          return nil
        }
      }
      #expect(end == nil)
    }
    return (result, parts)
  }

  @Test(arguments: [1, 2, 3, 5, 9, 13, 1_000])
  func namesNoStream(_ size: Int) {
    func bytes(_ lastStream: Int) -> [UInt8] {
      let frames = Self.before + [.goAway(lastStream, 2, debug: "bye")] + Self.after + [.goAway(lastStream)]
      return Self.preface + frames.flatMap(\.bytes)
    }
    for lastStream in [0, 2, 5, 0x7fff_ffff] {
      #expect(pass(bytes(lastStream), size: size).bytes == bytes(0))
    }
  }

  @Test func everythingElseIsLeftAsItIs() {
    let short = RawFrame(kind: .goAway, payload: [0, 0, 1])
    let bytes = Self.preface + (Self.before + Self.after + [short] + Self.after).flatMap(\.bytes)
    #expect(pass(bytes, size: 7).bytes == bytes)
    #expect(pass(bytes, size: bytes.count).parts == 1)
  }

  @Test(arguments: [1, 2, 3, 5, 9, 13, 1_000])
  func areCountedOnceComplete(_ size: Int) {
    let goAways = [RawFrame.goAway(5), .goAway(0, debug: "bye"), RawFrame(kind: .goAway, payload: [0, 0, 1])]
    let frames = Self.before + goAways + Self.after + [RawFrame(kind: .settings)]
    var inbound = InboundFrames()
    var sent = Self.preface
    for frame in frames { sent += frame.bytes }
    var received = 0
    for start in stride(from: 0, to: sent.count, by: size) {
      let end = min(start + size, sent.count)
      Array(sent[start..<end]).withUnsafeBytes { _ = inbound.pass($0) { _ in nil } }
      var bound = Self.preface.count
      received = -1
      for frame in frames where bound <= end {
        received += 1
        bound += frame.bytes.count
      }
      if bound <= end { received += 1 }
      #expect(inbound.count == received)
    }
    #expect(received == frames.count)
  }

  @Test func theFirstEndIsTheLastWord() {
    var filter = InboundFrames()
    var parts = 0
    let bytes = Self.preface + RawFrame.goAway(5).bytes + RawFrame.ping().bytes
    let end = bytes.withUnsafeBytes { bytes in
      filter.pass(bytes) { _ in
        parts += 1
        return .protocolError
      }
    }
    #expect(end?.reason.description == ConnectionEnd.protocolError.reason.description)
    #expect(parts == 1)
  }
}
