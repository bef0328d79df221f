/// Tests of texts by code points and bytes. Swift's own operators compare characters, for which `é` equals `e` followed by
/// an accent, and protovalidate's do not.
public enum RuleText {
  /// Whether the text has exactly so many code points.
  public static func hasLength(_ text: String, _ count: Int) -> Bool {
    text.utf8.count >= count && text.unicodeScalars.count == count
  }

  /// Whether the text has less than so many code points.
  public static func isShorter(_ text: String, than count: Int) -> Bool {
    // A code point takes one byte to four.
    let bytes = text.utf8.count
    return bytes < count || (bytes / 4 < count && text.unicodeScalars.count < count)
  }

  /// Whether the text has more than so many code points.
  public static func isLonger(_ text: String, than count: Int) -> Bool {
    text.utf8.count > count && text.unicodeScalars.count > count
  }

  public static func equals(_ text: String, _ other: String) -> Bool { text.utf8.elementsEqual(other.utf8) }

  public static func isOne(_ text: String, of texts: [String]) -> Bool { texts.contains { equals(text, $0) } }

  public static func begins(_ text: String, with prefix: String) -> Bool { text.utf8.starts(with: prefix.utf8) }

  public static func ends(_ text: String, with suffix: String) -> Bool { RuleBytes.ends(text.utf8, with: suffix.utf8) }

  public static func contains(_ text: String, _ part: String) -> Bool { RuleBytes.contains(text.utf8, part.utf8) }
}
