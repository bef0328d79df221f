/// Puts JSON text together.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  private let isPretty: Bool
  private var depth = 0
  private var needsComma = false
  /// The value behind a key follows it without a comma.
  private var isValue = false

  init(isPretty: Bool) { self.isPretty = isPretty }

  mutating func open(_ bracket: Unicode.Scalar) {
    separate()
    raw(bracket)
    depth += 1
    needsComma = false
  }

  mutating func close(_ bracket: Unicode.Scalar) {
    depth -= 1
    if needsComma { newLine() }
    raw(bracket)
    needsComma = true
  }

  mutating func key(_ name: some StringProtocol) { key(quoted: Self.quotedKey(name)) }

  /// - Parameter name: As `quotedKey` makes it.
  mutating func key(quoted name: [UInt8]) {
    separate()
    bytes += name
    if isPretty { raw(" ") }
    isValue = true
  }

  /// A name in its quotes, with the colon behind it.
  static func quotedKey(_ name: some StringProtocol) -> [UInt8] {
    var writer = JSONWriter(isPretty: false)
    writer.string(name.utf8)
    writer.raw(":")
    return writer.bytes
  }

  /// A number, `true`, `false` or `null`.
  mutating func literal(_ text: String) {
    separate()
    bytes += text.utf8
    needsComma = true
  }

  mutating func integer(_ value: some FixedWidthInteger) {
    separate()
    digits(value)
    needsComma = true
  }

  mutating func quotedInteger(_ value: some FixedWidthInteger) {
    separate()
    raw("\"")
    digits(value)
    raw("\"")
    needsComma = true
  }

  /// UTF-8.
  mutating func string(_ text: some Sequence<UInt8>) {
    separate()
    if text.withContiguousStorageIfAvailable({ quote(UnsafeRawBufferPointer($0)) }) == nil {
      Array(text).withUnsafeBytes { quote($0) }
    }
    needsComma = true
  }

  /// UTF-8.
  mutating func string(_ text: UnsafeRawBufferPointer) {
    separate()
    quote(text)
    needsComma = true
  }

  private mutating func separate() {
    if isValue {
      isValue = false
      return
    }
    if needsComma { raw(",") }
    if depth > 0 { newLine() }
  }

  private mutating func newLine() {
    guard isPretty else { return }
    raw("\n")
    bytes += repeatElement(UInt8(ascii: " "), count: depth * 2)
  }

  private mutating func raw(_ character: Unicode.Scalar) { bytes.append(UInt8(ascii: character)) }

  private mutating func digits(_ value: some FixedWidthInteger) {
    if value < 0 { raw("-") }
    var rest = UInt64(value.magnitude)
    guard rest >= 10 else { return bytes.append(UInt8(ascii: "0") + UInt8(rest)) }
    let start = bytes.count
    while rest > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    }
    bytes[start...].reverse()
  }

  private mutating func quote(_ text: UnsafeRawBufferPointer) {
    raw("\"")
    // Runs of characters that stand for themselves go in one piece.
    var start = 0
    for index in 0..<text.count where Self.isSpecial(text[index]) {
      bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[start..<index]))
      escape(text[index])
      start = index + 1
    }
    bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[start...]))
    raw("\"")
  }

  private static func isSpecial(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7f
  }

  private mutating func escape(_ byte: UInt8) {
    raw("\\")
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
    case 0x08: raw("b")
    case 0x09: raw("t")
    case 0x0a: raw("n")
    case 0x0c: raw("f")
    case 0x0d: raw("r")
    default:
      bytes += "u00".utf8
      for digit in [byte >> 4, byte & 15] {
        bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      }
    }
  }
}
