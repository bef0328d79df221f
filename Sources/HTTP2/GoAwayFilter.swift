/// Takes the last stream id out of a client's GOAWAY frames before nghttp2 sees them.
///
/// It stands for a stream that the server opened (RFC 9113, section 6.8), and servers open none. Go's client names a stream of
/// its own, which nghttp2 takes for a violation that ends the connection with all its calls.
struct GoAwayFilter {
  private static let goAway: UInt32 = 7
  /// The magic words before the first frame.
  private static let prefaceBytes = 24
  /// Length and type; flags and stream id follow.
  private static let headBytes = 4
  private static let restOfHeaderBytes = 5
  private static let zeros: [UInt8] = [0, 0, 0, 0]

  private var head: UInt32 = 0
  private var headCount = 0
  /// Bytes that lie before the next head, or before the id that is to be taken out.
  private var skip = GoAwayFilter.prefaceBytes
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
      } else if id.count > 0 {
        if start < index, let end = body(UnsafeRawBufferPointer(rebasing: bytes[start..<index])) { return end }
        let count = min(id.count, bytes.count - index)
        let end = GoAwayFilter.zeros.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        if let end { return end }
        id.count -= count
        index += count
        start = index
        if id.count == 0 { skip = id.following }
      } else {
        head = head << 8 | UInt32(bytes[index])
        headCount += 1
        index += 1
        if headCount == GoAwayFilter.headBytes { beginFrame() }
      }
    }
    return start < index ? body(UnsafeRawBufferPointer(rebasing: bytes[start..<index])) : nil
  }

  private mutating func beginFrame() {
    headCount = 0
    let length = Int(head >> 8)
    skip = GoAwayFilter.restOfHeaderBytes
    if head & 0xff == GoAwayFilter.goAway, length >= GoAwayFilter.zeros.count {
      id = (GoAwayFilter.zeros.count, length - GoAwayFilter.zeros.count)
    } else {
      skip += length
    }
  }
}
