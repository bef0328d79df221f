/// Cuts a body into messages: a flag, a length of four bytes, the message.
///
/// The length is judged as soon as the five bytes are there; nothing is buffered or reserved for a message over the
/// limit.
public struct MessageReader {
  private let maxMessageBytes: Int
  /// The status of bytes that are not what they should be.
  private let malformed: StatusCode
  /// How messages with the flag are packed.
  public var compression: Compression
  private var prefix: UInt64 = 0
  private var prefixCount = 0
  private var remaining = 0
  private var current: [UInt8] = []
  /// The complete message, as it came: `unpack` it where it is compressed.
  public var message: [UInt8] { current }
  /// Whether the message that is complete came compressed.
  public private(set) var isCompressed = false

  /// More than this is not reserved on the word of a peer: the buffer grows with what arrives.
  private static let largestReservation = 16 << 10
  static let prefixBytes = 5

  public init(maxMessageBytes: Int, compression: Compression = .identity, malformed: StatusCode = .internal) {
    self.maxMessageBytes = maxMessageBytes
    self.malformed = malformed
    self.compression = compression
  }

  /// Whether a message has begun and not ended.
  public var isWithinMessage: Bool { prefixCount > 0 }

  /// Reads from `bytes`, beginning at `offset` and moving it, up to the end of a message or of the bytes.
  /// True when a message is complete; `message` then is it.
  public mutating func read(_ bytes: UnsafeRawBufferPointer, _ offset: inout Int) throws(RPCError) -> Bool {
    if prefixCount < MessageReader.prefixBytes {
      while prefixCount < MessageReader.prefixBytes {
        guard offset < bytes.count else { return false }
        prefix = prefix << 8 | UInt64(bytes[offset])
        prefixCount += 1
        offset += 1
      }
      try begin()
    }
    let count = min(remaining, bytes.count - offset)
    if count > 0 {
      current.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
      offset += count
      remaining -= count
    }
    guard remaining == 0 else { return false }
    prefixCount = 0
    prefix = 0
    return true
  }

  /// The complete message, which the reader forgets.
  public mutating func take() -> [UInt8] {
    let message = current
    current = []
    return message
  }

  /// Unpacks a message that came compressed. Not before somebody takes it: until then it needs no more memory than it
  /// came in.
  public func unpack(_ message: [UInt8]) throws(RPCError) -> [UInt8] {
    do throws(Deflate.Failure) {
      return try Deflate.unpack(message, as: compression, maxBytes: maxMessageBytes)
    } catch {
      switch error {
      case .malformed: throw RPCError(malformed, "a message is not in the encoding that was named, \(compression.name)")
      case .tooLarge:
        throw RPCError(.resourceExhausted, "a message unpacks to more than the limit of \(maxMessageBytes) bytes")
      case .outOfMemory: throw RPCError(.resourceExhausted, "there is no memory to unpack a message")
      }
    }
  }

  private mutating func begin() throws(RPCError) {
    let flag = prefix >> 32
    let length = Int(prefix & 0xffff_ffff)
    guard flag <= 1 else { throw RPCError(malformed, "the message has an unknown flag \(flag)") }
    guard length <= maxMessageBytes else {
      throw RPCError(.resourceExhausted, "a message of \(length) bytes is over the limit of \(maxMessageBytes) bytes")
    }
    isCompressed = flag == 1
    if isCompressed, compression == .identity {
      throw RPCError(malformed, "a message is compressed, and no encoding was named")
    }
    remaining = length
    current.removeAll(keepingCapacity: true)
    current.reserveCapacity(min(length, MessageReader.largestReservation))
  }
}
