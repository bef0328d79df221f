/// Text of up to 15 bytes, which Swift keeps within the `String` itself and which is most of the text in messages: here
/// it goes in and out as two words, without a call and without counting references.
///
/// No document promises the form: the bytes from the lowest of the first word up, and in the last byte a mark and their
/// count. So it is used only where `isKnown` has seen that Swift keeps text in just this form.
@usableFromInline
enum ShortText {
  @usableFromInline typealias Words = (low: UInt64, high: UInt64)

  @usableFromInline static let capacity = 15

  /// In the last byte: that the text is within the string at all.
  @usableFromInline static let mark: UInt64 = 0x20 << 56
  /// In the last byte: the mark, and that nothing but ASCII is there.
  @usableFromInline static let asciiMark: UInt64 = 0xE0 << 56

  /// Only where a string is two words.
  @inlinable @inline(__always)
  static func words(of text: String) -> Words { unsafeBitCast(text, to: Words.self) }

  /// How many bytes the text has, by the second word.
  @inlinable @inline(__always)
  static func count(_ high: UInt64) -> Int { Int(high &>> 56) & 0xF }

  /// Only where a string is two words.
  @inlinable @inline(__always)
  static func text(of words: Words) -> String { unsafeBitCast(words, to: String.self) }

  /// Whether strings of every length that fits, and the first that does not, look as expected.
  static let isKnown: Bool = {
    guard MemoryLayout<String>.size == MemoryLayout<Words>.size else { return false }
    for count in 0...capacity {
      let ascii = (0..<count).map { UInt8(ascii: "a") + UInt8($0) }
      guard words(of: String(decoding: ascii, as: UTF8.self)) == packed(ascii, mark: asciiMark) else { return false }
      guard count >= 2 else { continue }
      let mixed: [UInt8] = ascii.dropLast(2) + Array("é".utf8)
      let found = words(of: String(decoding: mixed, as: UTF8.self))
      let expected = packed(mixed, mark: mark)
      // Of the last byte only the mark and the count are looked at.
      let ignored: UInt64 = 0xD0 << 56
      guard found.low == expected.low, found.high | ignored == expected.high | ignored else { return false }
    }
    let long = String(repeating: "a", count: capacity + 1)
    return words(of: long).high & mark == 0
  }()

  private static func packed(_ bytes: [UInt8], mark: UInt64) -> Words {
    var words: Words = (0, mark | UInt64(bytes.count) << 56)
    for (index, byte) in bytes.enumerated() {
      let shifted = UInt64(byte) << UInt64(8 * (index % 8))
      if index < 8 { words.low |= shifted } else { words.high |= shifted }
    }
    return words
  }
}
