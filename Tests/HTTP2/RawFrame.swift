/// A frame of HTTP/2, right or wrong.
struct RawFrame: Sendable {
  enum Kind: UInt8, Sendable {
    case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate, continuation
  }

  static let endStream: UInt8 = 1
  static let acknowledgment: UInt8 = 1
  private static let endHeaders: UInt8 = 4
  private static let padded: UInt8 = 8

  var kind: Kind
  var flags: UInt8 = 0
  var stream = 0
  var payload: [UInt8] = []

  var endsStream: Bool { (kind == .headers || kind == .data) && flags & RawFrame.endStream != 0 }
  var isAcknowledgment: Bool { flags & RawFrame.acknowledgment != 0 }

  /// The frame as it travels.
  var bytes: [UInt8] {
    let length = UInt32(payload.count)
    return [UInt8(truncatingIfNeeded: length >> 16), UInt8(truncatingIfNeeded: length >> 8)]
      + [UInt8(truncatingIfNeeded: length), kind.rawValue, flags] + RawFrame.number(stream) + payload
  }

  static func settings(_ entries: [(id: UInt16, value: Int)]) -> RawFrame {
    var payload: [UInt8] = []
    for entry in entries { payload += [UInt8(entry.id >> 8), UInt8(entry.id & 255)] + number(entry.value) }
    return RawFrame(kind: .settings, payload: payload)
  }

  /// No field is compressed.
  static func headers(_ stream: Int, _ fields: [(name: String, value: String)], end: Bool = false) -> RawFrame {
    var block: [UInt8] = []
    for field in fields { block += [0] + text(field.name) + text(field.value) }
    return RawFrame(kind: .headers, flags: endHeaders | (end ? endStream : 0), stream: stream, payload: block)
  }

  static func data(_ stream: Int, _ bytes: [UInt8], padding: Int? = nil, end: Bool = false) -> RawFrame {
    var frame = RawFrame(kind: .data, flags: end ? endStream : 0, stream: stream, payload: bytes)
    if let padding {
      frame.flags |= padded
      frame.payload = [UInt8(padding)] + bytes + [UInt8](repeating: 0, count: padding)
    }
    return frame
  }

  static func reset(_ stream: Int, _ code: Int) -> RawFrame {
    RawFrame(kind: .reset, stream: stream, payload: number(code))
  }

  static func goAway(_ lastStream: Int, _ code: Int = 0, debug: String = "") -> RawFrame {
    RawFrame(kind: .goAway, payload: number(lastStream) + number(code) + Array(debug.utf8))
  }

  static func ping(_ byte: UInt8 = 7) -> RawFrame {
    RawFrame(kind: .ping, payload: [UInt8](repeating: byte, count: 8))
  }

  static func windowUpdate(_ stream: Int, _ count: Int) -> RawFrame {
    RawFrame(kind: .windowUpdate, stream: stream, payload: number(count))
  }

  /// Takes the first frame off `bytes`, if it is complete.
  static func take(from bytes: inout [UInt8]) -> RawFrame? {
    guard bytes.count >= 9 else { return nil }
    let length = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
    guard bytes.count >= 9 + length, let kind = Kind(rawValue: bytes[3]) else { return nil }
    let frame = RawFrame(
      kind: kind, flags: bytes[4], stream: number(bytes[5..<9]), payload: Array(bytes[9..<9 + length]))
    bytes.removeFirst(9 + length)
    return frame
  }

  static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

  private static func number(_ value: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: value).bigEndian) { Array($0) }
  }

  /// A string of HPACK, with its length in the prefix of seven bits.
  private static func text(_ text: String) -> [UInt8] {
    var length: [UInt8] = []
    var rest = text.utf8.count
    if rest < 127 {
      length = [UInt8(rest)]
    } else {
      length = [127]
      rest -= 127
      while rest >= 128 {
        length.append(UInt8(rest & 127) | 128)
        rest >>= 7
      }
      length.append(UInt8(rest))
    }
    return length + text.utf8
  }
}
