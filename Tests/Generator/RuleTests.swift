import GoldenContracts
import Protobuf
import RPC
import Testing

/// What callers learn of the rules that a request breaks. Which rules those are is for the tests with protovalidate.
@Suite struct RuleTests {
  @Test func everyViolationIsToldAtOnceWithItsPlace() {
    let outer = GoldenRules.Outer(
      named: .init(name: "ab"),
      inner: .init(middles: [.init(), .init(leaves: ["x\"y": .init(name: "c")])]),
      tree: .init(weight: -1, children: [.init(), .init(weight: -2)])
    )
    let error = RPCError.brokenRules(outer.checkRules())
    #expect(error.code == .invalidArgument)
    #expect(error.reason == "INVALID_FIELD")
    #expect(error.message.hasPrefix("inner.middles[1].leaves[\"x\\\"y\"].name: must be at least 2 characters long"))
    #expect(
      error.violations == [
        .init(
          field: "inner.middles[1].leaves[\"x\\\"y\"].name",
          description: "must be at least 2 characters long (string.min_len)",
          reason: "STRING_MIN_LEN"
        ),
        .init(field: "tree.weight", description: "must be at least 0 (int32.gte)", reason: "INT32_GTE"),
        .init(field: "tree.children[1].weight", description: "must be at least 0 (int32.gte)", reason: "INT32_GTE"),
      ]
    )
  }

  @Test func violationOfAKeySaysSo() {
    let maps = GoldenRules.Maps(minPairs: ["a": 1], labels: ["A": "a@b"])
    #expect(
      RPCError.brokenRules(maps.checkRules()).violations == [
        .init(
          field: "labels[\"A\"]",
          description: "the key must match the pattern `^[a-z]+$` (string.pattern)",
          reason: "STRING_PATTERN"
        )
      ]
    )
  }

  @Test func messagesWithoutRulesCostNothing() {
    #expect(!GoldenRules.Plain._hasRules)
    #expect(GoldenRules.Outer._hasRules)
    #expect(GoldenRules.Recursive._hasRules)
    #expect(GoldenRules.Plain(text: "", next: .init()).checkRules().isEmpty)
  }

  @Test func whatIsToldIsBoundedAndTheRestCounted() throws {
    let lists = GoldenRules.Lists(
      minItems: [1, 2],
      items: Array(repeating: "aa", count: 1),
      messages: Array(repeating: .init(name: "a"), count: 100_000),
      manyMessages: [.init(name: "ab")]
    )
    let violations = lists.checkRules()
    #expect(violations.count == 100_000)
    #expect(violations.reported.count <= RuleLimits.reportedViolations)
    #expect(violations.reported.last?.field == "messages[\(violations.reported.count - 1)].name")
    let error = RPCError.brokenRules(violations)
    #expect(error.message.hasSuffix("; and 99997 more"))
    // What clients take in the trailers of a call by default.
    var bytes = 0
    StatusTrailers.encode(error).forEachField { name, value in bytes += name.count + value.count + 32 }
    #expect(bytes < 8 << 10)
  }

  @Test func longKeyIsCutInThePath() {
    let key = String(repeating: "k", count: 1_000_000)
    let maps = GoldenRules.Maps(minPairs: ["a": 1], nested: [key: .init(name: "a")])
    let field = maps.checkRules().reported.first?.field
    #expect(field == "nested[\"\(key.prefix(RuleLimits.reportedKeyBytes))…\"].name")
  }

  @Test func matchingIsBounded() {
    // Backtracking would take 2^50 steps for the first, and RE2's own engine takes a while for the second.
    #expect(!RulePattern(checked: "^(a+)+$").matches(String(repeating: "a", count: 50) + "b"))
    let slow = RulePattern(checked: "(x+x+)+y[a-z]{900}$")
    #expect(!slow.matches(String(repeating: "x", count: 1 << 20)))
  }

  @Test func patternsCompileAtTheLimitsAndNotBeyond() throws {
    _ = try RulePattern("(abcdefghi){1000}")
    #expect(throws: PatternError.self) { try RulePattern("(abcdefghij){1000}") }
    let depth = RuleLimits.patternDepth
    _ = try RulePattern(String(repeating: "(", count: depth) + String(repeating: ")", count: depth))
    #expect(throws: PatternError.self) {
      try RulePattern(String(repeating: "(", count: depth + 1) + String(repeating: ")", count: depth + 1))
    }
  }
}
