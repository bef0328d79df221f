/// Reads RE2's syntax, as far as it means the same here: <https://github.com/google/re2/wiki/Syntax>.
struct PatternParser {
  struct Flags {
    var ignoresCase = false
    var isMultiline = false
    var dotIsAll = false
  }

  var rest: Substring.UnicodeScalarView
  var flags = Flags()
  private var depth = 0
  private var names: Set<String> = []

  init(_ pattern: String) { rest = Substring(pattern).unicodeScalars }

  mutating func parse() throws(PatternError) -> PatternNode {
    let node = try alternatives()
    guard rest.isEmpty else { throw PatternError("there is a ) without a (") }
    guard node.repetitions <= Self.largestRepetition else { throw PatternError("it repeats more than 1000 times") }
    return node
  }

  /// As RE2 has it.
  private static let largestRepetition = 1000

  // MARK: Structure

  private mutating func alternatives() throws(PatternError) -> PatternNode {
    var nodes = [try sequence()]
    while skip("|") { nodes.append(try sequence()) }
    return nodes.count == 1 ? nodes[0] : .alternatives(nodes)
  }

  private mutating func sequence() throws(PatternError) -> PatternNode {
    var nodes: [PatternNode] = []
    while let first = rest.first, first != "|", first != ")" {
      if skip("\\Q") {
        while !rest.isEmpty, !skip("\\E") { nodes.append(try literal(rest.removeFirst())) }
        if let last = nodes.popLast() { nodes.append(try repeated(last)) }
      } else if let atom = try atom() {
        nodes.append(try repeated(atom))
      }
    }
    return nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  /// Nil for what only changes flags.
  private mutating func atom() throws(PatternError) -> PatternNode? {
    let character = rest.removeFirst()
    switch character {
    case "(": return try group()
    case "[": return .scalar(try bracket())
    case "\\": return try escape()
    case ".": return .scalar(flags.dotIsAll ? .all : ScalarSet("\n").inverted)
    case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
    case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
    case "*", "+", "?": throw PatternError("there is nothing before \(character) to repeat")
    case "{":
      var ahead = self
      ahead.rest = Substring.UnicodeScalarView(String.UnicodeScalarView([character]) + rest)
      guard try ahead.counts() == nil else { throw PatternError("there is nothing before { to repeat") }
      return try literal(character)
    default: return try literal(character)
    }
  }

  func literal(_ scalar: Unicode.Scalar) throws(PatternError) -> PatternNode {
    .scalar(try folded(ScalarSet(scalar)))
  }

  /// A set as the flags want it.
  func folded(_ set: ScalarSet) throws(PatternError) -> ScalarSet {
    guard flags.ignoresCase else { return set }
    guard set.isASCII else { throw PatternError("it ignores the case of characters beyond ASCII") }
    return set.ignoringCase
  }

  // MARK: Repetition

  private mutating func repeated(_ node: PatternNode) throws(PatternError) -> PatternNode {
    guard let (least, most) = try repetition() else { return node }
    if try repetition() != nil { throw PatternError("a repetition is repeated") }
    return .repetition(node, least: least, most: most)
  }

  private mutating func repetition() throws(PatternError) -> (least: Int, most: Int?)? {
    let found: (least: Int, most: Int?)? =
      if skip("*") { (0, nil) } else if skip("+") { (1, nil) } else if skip("?") { (0, 1) } else { try counts() }
    // Whether it prefers many or few makes no difference to whether there is a match.
    if found != nil { _ = skip("?") }
    return found
  }

  /// `{2}`, `{2,}`, `{2,5}`; anything else in braces is text.
  private mutating func counts() throws(PatternError) -> (least: Int, most: Int?)? {
    let start = rest
    guard skip("{"), let least = number() else {
      rest = start
      return nil
    }
    var most: Int? = least
    if skip(",") { most = number() }
    guard skip("}") else {
      rest = start
      return nil
    }
    guard least <= Self.largestRepetition, most ?? 0 <= Self.largestRepetition, most ?? least >= least else {
      throw PatternError("the counts of a repetition are out of order or larger than 1000")
    }
    return (least, most)
  }

  private mutating func number() -> Int? {
    let digits = rest.prefix { ("0"..."9").contains($0) }
    guard !digits.isEmpty, digits.count == 1 || digits.first != "0" else { return nil }
    rest = rest.dropFirst(digits.count)
    return Int(String(digits)) ?? .max
  }

  // MARK: Groups

  private mutating func group() throws(PatternError) -> PatternNode? {
    let outer = flags
    if skip("?") {
      if skip("P<") || (rest.first == "<" && !["=", "!"].contains(rest.dropFirst().first) && skip("<")) {
        try groupName()
      } else if try flagsAlone() {
        return nil
      }
    }
    depth += 1
    guard depth <= RuleLimits.patternDepth else { throw PatternError("its groups are nested too deep") }
    let node = try alternatives()
    guard skip(")") else { throw PatternError("there is a ( without a )") }
    depth -= 1
    flags = outer
    // A group without anything in it can be repeated.
    if case .sequence(let nodes) = node, nodes.isEmpty { return .empty }
    return node
  }

  private mutating func groupName() throws(PatternError) {
    let name = String(rest.prefix { $0 != ">" })
    rest = rest.dropFirst(name.unicodeScalars.count)
    let isWord = name.unicodeScalars.allSatisfy { $0.isASCII && (UInt8(ascii: $0).isAlphanumeric || $0 == "_") }
    guard skip(">"), !name.isEmpty, isWord else { throw PatternError("a group's name is not valid") }
    guard names.insert(name).inserted else { throw PatternError("two groups have the name \(name)") }
  }

  /// `(?i)` changes the flags up to the end of the group that it stands in, and `(?i:…)` within its own.
  private mutating func flagsAlone() throws(PatternError) -> Bool {
    var value = true
    var hasFlag = false
    while let character = rest.popFirst() {
      switch character {
      case "i": flags.ignoresCase = value
      case "m": flags.isMultiline = value
      case "s": flags.dotIsAll = value
      case "U": break  // Preferring few makes no difference.
      case "-" where value:
        (value, hasFlag) = (false, false)
        continue
      case ":" where value || hasFlag: return false
      case ")" where value || hasFlag: return true
      default: throw PatternError("(?\(character) is not supported")
      }
      hasFlag = true
    }
    throw PatternError("there is a ( without a )")
  }

  // MARK: Reading

  mutating func skip(_ text: String) -> Bool {
    guard rest.starts(with: text.unicodeScalars) else { return false }
    rest = rest.dropFirst(text.unicodeScalars.count)
    return true
  }
}
