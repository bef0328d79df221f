/// Names and values of HTTP headers, as protovalidate defines them.
enum HeaderFormats {
  /// Strictly a token of RFC 9110, with a comma too, and with a colon before it as HTTP/2 has them.
  static func isName(_ text: TextBytes, isStrict: Bool) -> Bool {
    guard isStrict else { return !text.isEmpty && isLoose(text) }
    var name = text
    _ = name.skip(":")
    return !name.isEmpty && name.allSatisfy { $0.isAlphanumeric || $0.isOne(of: "!#$%&'*+,-.^_|~`") }
  }

  /// Strictly without control characters, except tabs.
  static func isValue(_ text: TextBytes, isStrict: Bool) -> Bool {
    isStrict ? text.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 } : isLoose(text)
  }

  private static func isLoose(_ text: TextBytes) -> Bool { text.allSatisfy { $0 != 0 && $0 != 0x0A && $0 != 0x0D } }
}
