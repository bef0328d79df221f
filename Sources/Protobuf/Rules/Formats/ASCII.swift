/// A text as its bytes, cut without copying.
typealias TextBytes = Substring.UTF8View

/// Classes of characters that formats are made of.
extension UInt8 {
  var isDigit: Bool { (0x30...0x39).contains(self) }
  var isLetter: Bool { (0x61...0x7A).contains(self | 0x20) }
  var isAlphanumeric: Bool { isDigit || isLetter }
  var isHexDigit: Bool { isDigit || (0x61...0x66).contains(self | 0x20) }

  /// Whether it is one of these ASCII characters.
  func isOne(of characters: StaticString) -> Bool {
    characters.withUTF8Buffer { $0.contains(self) }
  }
}

extension TextBytes {
  /// Takes `character` from the front if it is there.
  mutating func skip(_ character: UnicodeScalar) -> Bool {
    guard first == UInt8(ascii: character) else { return false }
    removeFirst()
    return true
  }

  /// What stands before and after the first `character`.
  func cut(at character: UnicodeScalar) -> (before: TextBytes, after: TextBytes)? {
    guard let index = firstIndex(of: UInt8(ascii: character)) else { return nil }
    return (self[..<index], self[self.index(after: index)...])
  }

  /// A decimal number without a sign or a leading zero, no larger than `limit`.
  func number(upTo limit: Int) -> Int? {
    guard !isEmpty, allSatisfy(\.isDigit), count == 1 || first != UInt8(ascii: "0") else { return nil }
    var value = 0
    for digit in self {
      value = value * 10 + Int(digit - 0x30)
      if value > limit { return nil }
    }
    return value
  }
}
