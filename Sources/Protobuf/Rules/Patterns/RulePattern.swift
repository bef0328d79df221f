/// A regular expression in RE2's syntax, compiled. The time of a match grows with the length of the text, never faster:
/// all places in the pattern that a text may be at are followed at once, and there is no backtracking.
public struct RulePattern: Sendable {
  private let program: PatternProgram

  /// Fails for what RE2 refuses, and for what would mean something else here.
  public init(_ pattern: String) throws(PatternError) {
    var parser = PatternParser(pattern)
    program = try PatternProgram(try parser.parse())
  }

  private init(_ program: PatternProgram) { self.program = program }

  /// For generated code, whose patterns the generator has compiled before. What cannot be compiled matches nothing.
  public init(checked pattern: String) {
    self = (try? RulePattern(pattern)) ?? RulePattern(.matchingNothing)
  }

  /// Whether some part of the text matches. A text that takes more than `RuleLimits.patternSteps` does not.
  public func matches(_ text: String) -> Bool {
    var matcher = PatternMatcher(program)
    return matcher.matches(text.unicodeScalars)
  }

  /// Whether the bytes are UTF-8 of which some part matches.
  public func matches(_ bytes: [UInt8]) -> Bool {
    String(validating: bytes, as: UTF8.self).map { matches($0) } ?? false
  }
}

/// Why a pattern cannot be compiled.
public struct PatternError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
