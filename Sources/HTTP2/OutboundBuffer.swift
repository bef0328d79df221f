/// Framed messages that wait to be sent.
struct OutboundBuffer {
  private var bytes: [UInt8] = []
  private var head = 0
  /// Whether what has been sent is kept, to be sent again.
  private(set) var keepsSent = false
  /// A stream that goes back to the pool keeps no more than this.
  private static let keptBytes = 16 << 10

  var count: Int { bytes.count - head }
  /// Bytes that lie here, sent or not.
  var heldCount: Int { bytes.count }

  init(keepsSent: Bool = false) { self.keepsSent = keepsSent }

  /// Begins again with all that has been kept.
  mutating func rewind() { head = 0 }

  /// What has been sent is of no use any more.
  mutating func releaseSent() {
    keepsSent = false
    if count == 0 { removeAll() }
  }

  /// Adds a message with its prefix: whether it is compressed, and four bytes of length.
  mutating func append(message: UnsafeRawBufferPointer, isCompressed: Bool) {
    let length = UInt32(truncatingIfNeeded: message.count)
    if head > 0, head * 2 >= bytes.count, !keepsSent {
      bytes.removeFirst(head)
      head = 0
    }
    let start = bytes.count
    let total = start + 5 + message.count
    if bytes.capacity < total { bytes.reserveCapacity(max(total, bytes.capacity * 2)) }
    bytes.append(isCompressed ? 1 : 0)
    withUnsafeBytes(of: length.bigEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: message)
  }

  /// Adds bytes that are framed already, or by nothing.
  mutating func append(raw more: [UInt8]) { bytes += more }

  /// Moves as many bytes as fit.
  mutating func move(to destination: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(destination.count, self.count)
    guard count > 0 else { return 0 }
    bytes.withUnsafeBytes { destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[head..<head + count])) }
    head += count
    if head == bytes.count, !keepsSent {
      bytes.removeAll(keepingCapacity: true)
      head = 0
    }
    return count
  }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: bytes.capacity <= OutboundBuffer.keptBytes)
    head = 0
  }
}
