// Brackets and escapes.
extension PatternParser {
  /// After a backslash.
  mutating func escape() throws(PatternError) -> PatternNode {
    switch rest.first {
    case "A": return assertion(.textStart)
    case "z": return assertion(.textEnd)
    case "b": return assertion(.wordBoundary)
    case "B": return assertion(.noWordBoundary)
    case "C": throw PatternError("\\C, which matches a byte, is not supported")
    default: break
    }
    if let set = try classEscape() { return .scalar(set) }
    return try literal(try scalarEscape())
  }

  private mutating func assertion(_ assertion: PatternNode.Assertion) -> PatternNode {
    rest.removeFirst()
    return .assertion(assertion)
  }

  /// `\d`, `\pL`, `\p{Greek}` and the like, with the backslash gone. Nil when it is the escape of one character.
  private mutating func classEscape() throws(PatternError) -> ScalarSet? {
    guard let letter = rest.first else { return nil }
    if let (set, isInverted) = PatternClasses.perl(letter) {
      rest.removeFirst()
      let all = try folded(set)
      return isInverted ? all.inverted : all
    }
    guard letter == "p" || letter == "P" else { return nil }
    rest.removeFirst()
    var name = String(rest.prefix(1))
    rest = rest.dropFirst()
    if name == "{" {
      name = String(rest.prefix { $0 != "}" })
      rest = rest.dropFirst(name.unicodeScalars.count)
      guard skip("}") else { throw PatternError("there is a \\p{ without a }") }
    }
    var isInverted = letter == "P"
    if name.hasPrefix("^") {
      name.removeFirst()
      isInverted.toggle()
    }
    guard let set = PatternClasses.unicode(name) else {
      throw PatternError("\\p{\(name)} is not supported; there are the general categories, such as \\p{L} and \\p{Nd}")
    }
    let all = try name == "Any" ? set : folded(set)
    return isInverted ? all.inverted : all
  }

  /// The escape of one character, with the backslash gone.
  private mutating func scalarEscape() throws(PatternError) -> Unicode.Scalar {
    guard let character = rest.popFirst() else { throw PatternError("it ends with a backslash") }
    switch character {
    case "a": return "\u{7}"
    case "f": return "\u{C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "v": return "\u{B}"
    case "x": return try hexadecimal()
    case "0"..."7": return try octal(character)
    default:
      guard character.isASCII, !UInt8(ascii: character).isAlphanumeric, character != "_" else {
        throw PatternError("\\\(character) is not supported")
      }
      return character
    }
  }

  /// `\123`, `\0`. A single other digit would be a reference to a group, which RE2 does not have.
  private mutating func octal(_ first: Unicode.Scalar) throws(PatternError) -> Unicode.Scalar {
    let digits = rest.prefix(2).prefix { ("0"..."7").contains($0) }
    guard first == "0" || !digits.isEmpty else { throw PatternError("\\\(first) is not supported") }
    rest = rest.dropFirst(digits.count)
    return try scalar(String(first) + String(digits), radix: 8)
  }

  /// `\x7F`, `\x{10FFFF}`
  private mutating func hexadecimal() throws(PatternError) -> Unicode.Scalar {
    let digits: String
    if skip("{") {
      digits = String(rest.prefix { $0 != "}" })
      rest = rest.dropFirst(digits.unicodeScalars.count)
      guard skip("}") else { throw PatternError("there is a \\x{ without a }") }
    } else {
      digits = String(rest.prefix(2))
      guard digits.unicodeScalars.count == 2 else { throw PatternError("there is a \\x without two digits") }
      rest = rest.dropFirst(2)
    }
    return try scalar(digits, radix: 16)
  }

  private func scalar(_ digits: String, radix: Int) throws(PatternError) -> Unicode.Scalar {
    guard digits.utf8.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: radix),
      let scalar = Unicode.Scalar(value)
    else { throw PatternError("the escape of a character is not valid") }
    return scalar
  }

  // MARK: Brackets

  /// After `[`.
  mutating func bracket() throws(PatternError) -> ScalarSet {
    let isInverted = skip("^")
    var set = ScalarSet()
    var isFirst = true
    while isFirst || rest.first != "]" {
      guard let character = rest.first else { throw PatternError("there is a [ without a ]") }
      isFirst = false
      if let named = try posixClass() {
        set = set.union(named)
        continue
      }
      if character == "\\" {
        let before = rest
        rest.removeFirst()
        if let escaped = try classEscape() {
          set = set.union(escaped)
          continue
        }
        rest = before
      }
      set = set.union(try folded(try range()))
    }
    rest.removeFirst()
    return isInverted ? set.inverted : set
  }

  /// `a`, `a-z`; a hyphen at the end is itself.
  private mutating func range() throws(PatternError) -> ScalarSet {
    let low = try bracketScalar()
    guard rest.first == "-", let after = rest.dropFirst().first, after != "]" else { return ScalarSet(low) }
    rest.removeFirst()
    let high = try bracketScalar()
    guard low <= high else { throw PatternError("the range \(low)-\(high) is out of order") }
    return ScalarSet([low.value...high.value])
  }

  private mutating func bracketScalar() throws(PatternError) -> Unicode.Scalar {
    guard let character = rest.popFirst() else { throw PatternError("there is a [ without a ]") }
    return character == "\\" ? try scalarEscape() : character
  }

  /// `[:alpha:]`, `[:^alpha:]`
  private mutating func posixClass() throws(PatternError) -> ScalarSet? {
    guard rest.starts(with: "[:".unicodeScalars) else { return nil }
    // Without an end to it, it is text.
    guard let end = String(rest.dropFirst(2)).firstRange(of: ":]") else { return nil }
    var name = String(String(rest.dropFirst(2))[..<end.lowerBound])
    rest = rest.dropFirst(name.unicodeScalars.count + 4)
    let isInverted = name.hasPrefix("^")
    if isInverted { name.removeFirst() }
    guard let set = PatternClasses.posix[name] else { throw PatternError("there is no class [:\(name):]") }
    let all = try folded(set)
    return isInverted ? all.inverted : all
  }
}
