/// Swift source for values.
enum SwiftLiteral {
  /// `text` in quotes, control characters and Unicode oddities escaped.
  static func string(_ text: String) -> String {
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": literal += "\\\""
      case "\\": literal += "\\\\"
      case "\n": literal += "\\n"
      case "\r": literal += "\\r"
      case "\t": literal += "\\t"
      case "\0"..<" ", "\u{7F}"..<"\u{A0}": literal += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: literal.unicodeScalars.append(scalar)
      }
    }
    return literal + "\""
  }

  /// Padded base64 in lines of at most `columns` characters.
  static func base64Lines(_ bytes: [UInt8], columns: Int) -> [String] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var lines: [String] = []
    var line = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
      for index in 0..<4 {
        line.append(index <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * index) & 0x3F)] : "=")
      }
      if line.utf8.count + 4 > columns {
        lines.append(line)
        line = ""
      }
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }
}

/// The text form in which protoc hands over the default of a `bytes` field: C escapes.
enum DefaultText {
  static func unescape(_ text: String) -> [UInt8] {
    let simple: [UInt8: UInt8] = [
      UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8,
      UInt8(ascii: "f"): 12, UInt8(ascii: "v"): 11,
    ]
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
        bytes.append(byte)
        continue
      }
      if let value = simple[escape] {
        bytes.append(value)
      } else if escape == UInt8(ascii: "x") {
        bytes.append(number(&rest, radix: 16, digits: 2))
      } else if (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(escape) {
        rest = [escape] + rest
        bytes.append(number(&rest, radix: 8, digits: 3))
      } else {
        bytes.append(escape)
      }
    }
    return bytes
  }

  private static func number(_ rest: inout ArraySlice<UInt8>, radix: Int, digits: Int) -> UInt8 {
    var value = 0
    for _ in 0..<digits {
      guard let next = rest.first, let digit = Int(String(UnicodeScalar(next)), radix: radix) else { break }
      value = value * radix + digit
      rest.removeFirst()
    }
    return UInt8(truncatingIfNeeded: value)
  }
}
