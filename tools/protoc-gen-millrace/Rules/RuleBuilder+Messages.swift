import Protobuf

extension RuleBuilder {
  func listChecks(_ rules: BufValidate.RepeatedRules) throws -> [RuleCheck] {
    try RuleOptions.expectKnown(rules, place: place)
    var checks = sizeChecks("repeated", "item", (rules.minItems, "min_items"), (rules.maxItems, "max_items"))
    if rules.unique == true {
      let isWrapped = Self.isWrapper(field.kind)
      guard field.kind.message == nil || isWrapped else {
        throw GeneratorError("\(place): repeated.unique is for scalars and wrappers of scalars, not for messages")
      }
      checks.append(
        .condition(
          fails: { isWrapped ? "RuleList.hasDuplicates(\($0).map(\\.value))" : "RuleList.hasDuplicates(\($0))" },
          rule: "repeated.unique",
          description: "must not have two items that are equal"
        )
      )
    }
    return checks
  }

  func mapChecks(_ rules: BufValidate.MapRules) throws -> [RuleCheck] {
    try RuleOptions.expectKnown(rules, place: place)
    return sizeChecks("map", "entry", (rules.minPairs, "min_pairs"), (rules.maxPairs, "max_pairs"))
  }

  func anyChecks(_ rules: BufValidate.AnyRules) -> [RuleCheck] {
    listed("any", rules.in, rules.notIn, words: ("must be of one of the types", "must be of none of the types")) {
      (list, isAllowed) in
      { "\(isAllowed ? "!" : "")RuleText.isOne(\($0).typeUrl, of: \(list))" }
    }
  }

  func fieldMaskChecks(_ rules: BufValidate.FieldMaskRules) -> [RuleCheck] {
    var checks: [RuleCheck] = []
    if let mask = rules.const {
      let list = Self.literal(mask.paths)
      checks.append(
        .condition(
          fails: { "!RuleList.equals(\($0).paths, \(list))" },
          rule: "field_mask.const",
          description: "must have the paths \(mask.paths.joined(separator: ", "))"
        )
      )
    }
    return checks
      + listed("field_mask", rules.in, rules.notIn, words: ("must only have paths of", "must have no path of")) {
        (list, isAllowed) in
        { value in
          isAllowed
            ? "!\(value).paths.allSatisfy({ RuleList.covers(\(list), $0) })"
            : "\(value).paths.contains(where: { RuleList.covers(\(list), $0) })"
        }
      }
  }

  private func listed(
    _ type: String,
    _ allowed: [String],
    _ forbidden: [String],
    words: (allowed: String, forbidden: String),
    fails: (_ list: String, _ isAllowed: Bool) -> (String) -> String
  ) -> [RuleCheck] {
    var checks: [RuleCheck] = []
    if !allowed.isEmpty {
      checks.append(
        .condition(
          fails: fails(Self.literal(allowed), true),
          rule: "\(type).in",
          description: "\(words.allowed) \(allowed.joined(separator: ", "))"
        )
      )
    }
    if !forbidden.isEmpty {
      checks.append(
        .condition(
          fails: fails(Self.literal(forbidden), false),
          rule: "\(type).not_in",
          description: "\(words.forbidden) \(forbidden.joined(separator: ", "))"
        )
      )
    }
    return checks
  }

  private func sizeChecks(
    _ type: String,
    _ noun: String,
    _ least: (count: UInt64?, name: String),
    _ most: (count: UInt64?, name: String)
  ) -> [RuleCheck] {
    [(least, "<", "at least"), (most, ">", "at most")].compactMap { rule, comparison, words in
      rule.count.map { count in
        let plural = noun == "entry" ? "entries" : noun + "s"
        return .condition(
          fails: { "\($0).count \(comparison) \(Self.int(count))" },
          rule: "\(type).\(rule.name)",
          description: "must have \(words) \(count) \(count == 1 ? noun : plural)"
        )
      }
    }
  }

  private static func literal(_ texts: [String]) -> String {
    "[" + texts.map(SwiftLiteral.string).joined(separator: ", ") + "]"
  }
}
