/// Looks at a client's frames before nghttp2 does.
///
/// Counts them: of a frame that nghttp2 passes over, such as DATA on a stream that is closed, it says nothing.
///
/// Takes the last stream id out of GOAWAY frames. It stands for a stream that the server opened (RFC 9113, section 6.8), and
/// servers open none. Go's client names a stream of its own, which nghttp2 takes for a violation that ends the connection
/// with all its calls.
struct InboundFrames {
  private static let goAway: UInt32 = 7
  /// The magic words before the first frame.
  private static let prefaceBytes = 24
  /// Length and type; flags and stream id follow.
  private static let headBytes = 4
  private static let restOfHeaderBytes = 5
  private static let zeros: [UInt8] = [0, 0, 0, 0]

  /// Frames that are complete. The preface, which comes first, is not one of them.
  private(set) var count = -1
  private var head: UInt32 = 0
  private var headCount = 0
  /// Bytes that lie before the next head, or before the id that is to be taken out.
  private var skip = InboundFrames.prefaceBytes
  /// Bytes of the id, and those of its frame that follow it.
  private var id: (count: Int, following: Int) = (0, 0)

  /// Calls `body` with the bytes in order, in one part as long as they hold no GOAWAY; it stops when `body` returns an end.
  mutating func pass(
    _ bytes: UnsafeRawBufferPointer,
    to body: (UnsafeRawBufferPointer) -> ConnectionEnd?
  ) -> ConnectionEnd? {
    var start = 0
    var index = 0
    while index < bytes.count {
      if skip > 0 {
        let count = min(skip, bytes.count - index)
        skip -= count
        index += count
        if skip == 0, id.count == 0 { self.count &+= 1 }
      } else if id.count > 0 {
        if start < index, let end = body(UnsafeRawBufferPointer(rebasing: bytes[start..<index])) { return end }
        let count = min(id.count, bytes.count - index)
        let end = InboundFrames.zeros.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        if let end { return end }
        id.count -= count
        index += count
        start = index
        if id.count == 0 { endID() }
      } else {
        head = head << 8 | UInt32(bytes[index])
        headCount += 1
        index += 1
        if headCount == InboundFrames.headBytes { beginFrame() }
      }
    }
    return start < index ? body(UnsafeRawBufferPointer(rebasing: bytes[start..<index])) : nil
  }

  private mutating func endID() {
    skip = id.following
    if skip == 0 { count &+= 1 }
  }

  private mutating func beginFrame() {
    headCount = 0
    let length = Int(head >> 8)
    skip = InboundFrames.restOfHeaderBytes
    if head & 0xff == InboundFrames.goAway, length >= InboundFrames.zeros.count {
      id = (InboundFrames.zeros.count, length - InboundFrames.zeros.count)
    } else {
      skip += length
    }
  }
}
