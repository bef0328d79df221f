import CZlib

/// The one wrapper of zlib: whole messages in, whole messages out.
enum Deflate {
  /// Why bytes cannot be unpacked.
  enum Failure: Error {
    /// They are not what the encoding says, or end too early, or something follows them.
    case malformed
    /// They would unpack to more than the limit. What was unpacked until then is let go.
    case tooLarge
    case outOfMemory
  }

  /// Output grows by this much at first, so that a small message that claims much costs little.
  private static let firstBytes = 4 << 10

  /// Nil when zlib has no memory, or for identity: then the message goes as it is.
  static func pack(_ bytes: UnsafeRawBufferPointer, as compression: Compression) -> [UInt8]? {
    guard let windowBits = windowBits(compression), bytes.count <= Int(UInt32.max) else { return nil }
    var stream = z_stream()
    guard czlib_deflate_init(&stream, Z_DEFAULT_COMPRESSION, windowBits) == Z_OK else { return nil }
    defer { deflateEnd(&stream) }
    let bound = Int(deflateBound(&stream, UInt(bytes.count)))
    return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      stream.next_in = input(bytes)
      stream.avail_in = UInt32(bytes.count)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      // The bound is enough for all of it in one step.
      count = deflate(&stream, Z_FINISH) == Z_STREAM_END ? output.count - Int(stream.avail_out) : 0
    }
  }

  /// The message, of `maxBytes` at most. Nothing past the limit is ever held. Gzip may come in several members, one behind
  /// another, which make up one message (RFC 1952, section 2.2).
  static func unpack(
    _ bytes: [UInt8],
    as compression: Compression,
    maxBytes: Int
  ) throws(Failure) -> [UInt8] {
    guard let windowBits = windowBits(compression), bytes.count <= Int(UInt32.max) else { throw .malformed }
    var stream = z_stream()
    guard czlib_inflate_init(&stream, windowBits) == Z_OK else { throw .outOfMemory }
    defer { inflateEnd(&stream) }
    var message: [UInt8] = []
    let outcome: Failure? = bytes.withUnsafeBytes { bytes in
      stream.next_in = input(bytes)
      stream.avail_in = UInt32(bytes.count)
      // One byte more than the limit tells a message over it from one that just fits.
      var step = min(max(firstBytes, bytes.count * 2), maxBytes + 1)
      while true {
        var result = Z_OK
        let chunk = [UInt8](unsafeUninitializedCapacity: step) { output, count in
          stream.next_out = output.baseAddress
          stream.avail_out = UInt32(output.count)
          var beginsMember = false
          repeat {
            result = inflate(&stream, Z_NO_FLUSH)
            beginsMember = result == Z_STREAM_END && stream.avail_in > 0 && compression == .gzip
            if beginsMember { result = inflateReset(&stream) }
          } while beginsMember && result == Z_OK && stream.avail_out > 0
          count = output.count - Int(stream.avail_out)
        }
        if message.isEmpty { message = chunk } else { message += chunk }
        if message.count > maxBytes { return .tooLarge }
        switch result {
        case Z_STREAM_END: return stream.avail_in == 0 ? nil : .malformed
        case Z_OK where stream.avail_out == 0: step = min(message.count, maxBytes + 1 - message.count)
        case Z_MEM_ERROR: return .outOfMemory
        default: return .malformed
        }
      }
    }
    if let outcome { throw outcome }
    return message
  }

  /// What zlib knows the formats by: the size of the window, and 16 more for gzip.
  private static func windowBits(_ compression: Compression) -> Int32? {
    switch compression {
    case .identity: nil
    case .gzip: 15 + 16
    case .deflate: 15
    }
  }

  private static func input(_ bytes: UnsafeRawBufferPointer) -> UnsafeMutablePointer<UInt8>? {
    UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
  }
}
