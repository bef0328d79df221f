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

  mutating func key(_ name: some StringProtocol) {
    separate()
    quote(name.utf8)
    raw(":")
    if isPretty { raw(" ") }
    isValue = true
  }

  /// A number, `true`, `false` or `null`.
  mutating func literal(_ text: String) {
    separate()
    bytes += text.utf8
    needsComma = true
  }

  /// UTF-8.
  mutating func string(_ text: some Sequence<UInt8>) {
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

  private mutating func quote(_ text: some Sequence<UInt8>) {
    raw("\"")
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""): bytes += #"\""#.utf8
      case UInt8(ascii: "\\"): bytes += #"\\"#.utf8
      case 0x08: bytes += #"\b"#.utf8
      case 0x09: bytes += #"\t"#.utf8
      case 0x0a: bytes += #"\n"#.utf8
      case 0x0c: bytes += #"\f"#.utf8
      case 0x0d: bytes += #"\r"#.utf8
      case 0..<0x20, 0x7f:
        let hexadecimal = String(byte, radix: 16)
        bytes += #"\u00"#.utf8
        if hexadecimal.utf8.count == 1 { raw("0") }
        bytes += hexadecimal.utf8
      default: bytes.append(byte)
      }
    }
    raw("\"")
  }
}
