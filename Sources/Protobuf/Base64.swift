/// Base64 (RFC 4648), for metadata and JSON: padded or not on the way in.
package enum Base64 {
  private static let alphabet: [UInt8] = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  /// 64 marks a byte outside the alphabet.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 64, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    return values
  }()

  /// The text, padded to a multiple of four characters if that is asked for.
  package static func encode(_ bytes: some Sequence<UInt8>, padded: Bool = false) -> [UInt8] {
    var result: [UInt8] = []
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      bitCount += 8
      while bitCount >= 6 {
        bitCount -= 6
        result.append(alphabet[Int(bits >> bitCount & 63)])
      }
    }
    if bitCount > 0 { result.append(alphabet[Int(bits << (6 - bitCount) & 63)]) }
    while padded, result.count % 4 != 0 { result.append(UInt8(ascii: "=")) }
    return result
  }

  /// Nil when the text is not base64. `alsoURLSafe` takes `-` and `_` for `+` and `/`.
  package static func decode(_ text: some Collection<UInt8>, alsoURLSafe: Bool = false) -> [UInt8]? {
    var text = Array(text)
    if text.count % 4 == 0, text.last == UInt8(ascii: "=") {
      text.removeLast()
      if text.last == UInt8(ascii: "=") { text.removeLast() }
    }
    guard text.count % 4 != 1 else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(text.count * 3 / 4)
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    for character in text {
      var value = values[Int(character)]
      if alsoURLSafe, value == 64 {
        if character == UInt8(ascii: "-") { value = 62 }
        if character == UInt8(ascii: "_") { value = 63 }
      }
      guard value < 64 else { return nil }
      bits = bits << 6 | UInt32(value)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        result.append(UInt8(truncatingIfNeeded: bits >> bitCount))
      }
    }
    return result
  }
}
