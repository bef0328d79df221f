/// Takes JSON text apart. Strict: what RFC 8259 does not allow is an error, and so is text that is not UTF-8.
struct JSONLexer {
  /// Why the text is no JSON.
  struct Failure: Error {
    var reason: String
  }

  /// A string as it lies in the text, between its quotes; what it holds has been checked.
  struct Quoted {
    var range: Range<Int>
    var hasEscapes: Bool
  }

  private let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// What a value begins with.
  enum Start { case object, array, string, number, literal }

  @inline(__always)
  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position += 1
      default: return
      }
    }
  }

  var isAtEnd: Bool { position >= bytes.count }

  mutating func rewind(to earlier: Int) { position = earlier }

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
  @inline(__always)
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

  // MARK: Literals

  enum Literal { case `true`, `false`, null }

  /// `true`, `false` or `null`.
  mutating func literal() throws(Failure) -> Literal {
    if takeWord("true") { return .true }
    if takeWord("false") { return .false }
    if takeWord("null") { return .null }
    throw Failure(reason: "no value begins so")
  }

  /// Whether `null` comes next, behind white space; it is taken then.
  mutating func takeNull() -> Bool {
    skipSpace()
    return takeWord("null")
  }

  private mutating func takeWord(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    for index in 0..<count where bytes[position + index] != word.utf8Start[index] { return false }
    position += count
    return true
  }

  // MARK: Numbers

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

  /// An integer of up to 18 digits, in quotes or not, as nearly all are. Nil if the value is anything else, and nothing is
  /// taken then.
  mutating func plainInteger() -> Int64? {
    skipSpace()
    let start = position
    let isQuoted = skip { $0 == UInt8(ascii: "\"") }
    let isNegative = skip { $0 == UInt8(ascii: "-") }
    let first = position
    var value: Int64 = 0
    while position < bytes.count, position - first <= 18 {
      let digit = bytes[position] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      value = value &* 10 &+ Int64(digit)
      position += 1
    }
    let count = position - first
    let isPlain = (1...18).contains(count) && (count == 1 || bytes[first] != UInt8(ascii: "0"))
    if isPlain {
      if isQuoted {
        if skip({ $0 == UInt8(ascii: "\"") }) { return isNegative ? -value : value }
      } else if position >= bytes.count || !Self.goesOn(bytes[position]) {
        return isNegative ? -value : value
      }
    }
    position = start
    return nil
  }

  /// Whether the character carries a number on.
  private static func goesOn(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): true
    default: false
    }
  }

  // MARK: Strings

  mutating func quoted() throws(Failure) -> Quoted {
    try expect("\"")
    let start = position
    var hasEscapes = false
    var isASCII = true
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        let range = start..<position - 1
        guard isASCII || isUTF8(range) else { throw Failure(reason: "the string is not UTF-8") }
        return Quoted(range: range, hasEscapes: hasEscapes)
      case UInt8(ascii: "\\"):
        hasEscapes = true
        _ = try escaped()
      case 0..<0x20: throw Failure(reason: "a string holds a control character as it is")
      case 0x80...: isASCII = false
      default: break
      }
    }
    throw Failure(reason: "the string does not end")
  }

  private func isUTF8(_ range: Range<Int>) -> Bool {
    (try? UTF8Span(validating: bytes.span.extracting(range))) != nil
  }

  /// A string's text.
  mutating func string() throws(Failure) -> String { text(try quoted()) }

  func text(_ quoted: Quoted) -> String {
    withBytes(quoted) { String(decoding: $0, as: UTF8.self) }
  }

  /// Does something with what the string holds, in UTF-8.
  @inline(__always)
  func withBytes<R>(_ quoted: Quoted, _ body: (ArraySlice<UInt8>) -> R) -> R {
    quoted.hasEscapes ? body(unescaped(quoted.range)[...]) : body(bytes[quoted.range])
  }

  /// Whether the string is just this.
  func holds(_ quoted: Quoted, _ other: [UInt8]) -> Bool {
    guard quoted.range.count == other.count, !quoted.hasEscapes else { return false }
    for index in other.indices where bytes[quoted.range.lowerBound + index] != other[index] { return false }
    return true
  }

  private func unescaped(_ range: Range<Int>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(range.count)
    var inner = self
    inner.position = range.lowerBound
    while inner.position < range.upperBound {
      let byte = bytes[inner.position]
      inner.position += 1
      // It has been checked that every escape is one.
      guard byte == UInt8(ascii: "\\"), let scalar = try? inner.escaped() else {
        text.append(byte)
        continue
      }
      text += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
    }
    return text
  }

  /// The character of an escape whose backslash is taken.
  private mutating func escaped() throws(Failure) -> Unicode.Scalar {
    guard position < bytes.count else { throw Failure(reason: "the string does not end") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try scalar()
    default: throw Failure(reason: "a string has an escape that does not exist")
    }
  }

  private mutating func scalar() throws(Failure) -> Unicode.Scalar {
    let unit = try hexadecimal()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    // The first half of a pair, or half of nothing.
    guard (0xd800..<0xdc00).contains(unit), takeWord(#"\u"#) else {
      throw Failure(reason: "a string has half of a surrogate pair")
    }
    let second = try hexadecimal()
    guard (0xdc00..<0xe000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (second - 0xdc00))
    else { throw Failure(reason: "a string has half of a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count, let digit = Self.hexadecimalDigit(bytes[position]) else {
        throw Failure(reason: "a string has an escape without four hexadecimal digits")
      }
      value = value << 4 | digit
      position += 1
    }
    return value
  }

  private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }

  // MARK: Anything

  /// Goes past a value, whatever it is. Not recursive: the text may come from anybody.
  mutating func skipValue(maxDepth: Int) throws(Failure) {
    var open: [Unicode.Scalar] = []
    while true {
      switch try start() {
      case .object:
        position += 1
        if !take("}") {
          open.append("}")
          guard open.count <= maxDepth else { throw Failure(reason: "values nest more than \(maxDepth) deep") }
          _ = try quoted()
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
      case .string: _ = try quoted()
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
        _ = try quoted()
        try expect(":")
      }
    }
  }
}
