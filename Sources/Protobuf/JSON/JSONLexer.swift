/// Takes JSON text apart. Strict: what RFC 8259 does not allow is an error, and so is text that is not UTF-8.
struct JSONLexer {
  /// Why the text is no JSON.
  struct Failure: Error {
    var reason: String
  }

  private let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// What a value begins with; nil at the end of the text.
  enum Start { case object, array, string, number, literal }

  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position += 1
      default: return
      }
    }
  }

  var isAtEnd: Bool { position >= bytes.count }

  /// What comes next, behind white space.
  mutating func start() throws(Failure) -> Start {
    skipSpace()
    guard position < bytes.count else { throw Failure(reason: "the text ends early") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): return .literal
    default: throw Failure(reason: "no value begins so")
    }
  }

  /// Whether this character comes next, behind white space; it is taken then.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
    guard take(character) else {
      throw Failure(reason: isAtEnd ? "the text ends early" : "“\(character)” is missing")
    }
  }

  /// `true`, `false` or `null`.
  mutating func literal() throws(Failure) -> String {
    for word in ["true", "false", "null"] where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return word
    }
    throw Failure(reason: "no value begins so")
  }

  /// A number's text.
  mutating func number() throws(Failure) -> String {
    let start = position
    _ = skip { $0 == UInt8(ascii: "-") }
    guard position < bytes.count else { throw Failure(reason: "the number has no digits") }
    if bytes[position] == UInt8(ascii: "0") {
      position += 1
    } else {
      guard digits() > 0 else { throw Failure(reason: "the number has no digits") }
    }
    if skip({ $0 == UInt8(ascii: ".") }) {
      guard digits() > 0 else { throw Failure(reason: "the number ends with a point") }
    }
    if skip({ $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }) {
      _ = skip { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
      guard digits() > 0 else { throw Failure(reason: "the number's exponent has no digits") }
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() -> Int {
    let start = position
    while skip({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) {}
    return position - start
  }

  private mutating func skip(_ matches: (UInt8) -> Bool) -> Bool {
    guard position < bytes.count, matches(bytes[position]) else { return false }
    position += 1
    return true
  }

  /// A string's text.
  mutating func string() throws(Failure) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw Failure(reason: "the string is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): try escape(into: &text)
      case 0..<0x20: throw Failure(reason: "a string holds a control character as it is")
      default: text.append(byte)
      }
    }
    throw Failure(reason: "the string does not end")
  }

  private mutating func escape(into text: inout [UInt8]) throws(Failure) {
    guard position < bytes.count else { throw Failure(reason: "the string does not end") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text += Array(String(Character(try scalar())).utf8)
    default: throw Failure(reason: "a string has an escape that does not exist")
    }
  }

  private mutating func scalar() throws(Failure) -> Unicode.Scalar {
    let unit = try hexadecimal()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    // The first half of a pair, or half of nothing.
    guard (0xd800..<0xdc00).contains(unit), bytes[position...].starts(with: #"\u"#.utf8) else {
      throw Failure(reason: "a string has half of a surrogate pair")
    }
    position += 2
    let second = try hexadecimal()
    guard (0xdc00..<0xe000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (second - 0xdc00))
    else { throw Failure(reason: "a string has half of a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    guard position + 4 <= bytes.count,
      bytes[position..<position + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw Failure(reason: "a string has an escape without four hexadecimal digits") }
    position += 4
    return value
  }

  /// Goes past a value, whatever it is. Not recursive: the text may come from anybody.
  mutating func skipValue(maxDepth: Int) throws(Failure) {
    var open: [Unicode.Scalar] = []
    while true {
      switch try start() {
      case .object:
        position += 1
        if !take("}") {
          open.append("}")
          _ = try string()
          try expect(":")
          continue
        }
      case .array:
        position += 1
        if !take("]") {
          open.append("]")
          guard open.count <= maxDepth else { throw Failure(reason: "values nest more than \(maxDepth) deep") }
          continue
        }
      case .string: _ = try string()
      case .number: _ = try number()
      case .literal: _ = try literal()
      }
      guard open.count <= maxDepth else { throw Failure(reason: "values nest more than \(maxDepth) deep") }
      // The value is over; so may be what it stands in.
      while let bracket = open.last, !take(",") {
        try expect(bracket)
        open.removeLast()
      }
      guard let bracket = open.last else { return }
      if bracket == "}" {
        skipSpace()
        _ = try string()
        try expect(":")
      }
    }
  }
}
