/// UUIDs, ULIDs and protobuf names.
enum IdentifierFormats {
  /// 8-4-4-4-12 hexadecimal digits.
  static func isUUID(_ text: TextBytes) -> Bool {
    text.count == 36
      && text.enumerated().allSatisfy { index, character in
        [8, 13, 18, 23].contains(index) ? character == UInt8(ascii: "-") : character.isHexDigit
      }
  }

  static func isTrimmedUUID(_ text: TextBytes) -> Bool { text.count == 32 && text.allSatisfy(\.isHexDigit) }

  /// 128 bits in Crockford's base 32, whose alphabet lacks I, L, O and U; the first digit holds three of them only.
  static func isULID(_ text: TextBytes) -> Bool {
    guard text.count == 26, let first = text.first, (0x30...0x37).contains(first) else { return false }
    return text.allSatisfy { $0.isAlphanumeric && !$0.isOne(of: "ILOUilou") }
  }

  /// Identifiers between dots.
  static func isProtobufName(_ text: TextBytes) -> Bool {
    text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { part in
      part.first?.isDigit == false && part.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "_") }
    }
  }
}
