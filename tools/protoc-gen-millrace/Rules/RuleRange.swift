/// The comparisons that numbers, durations and times share.
struct RuleRange<Value: Comparable> {
  struct Bound {
    let value: Value
    let isInclusive: Bool

    init(_ value: Value, isInclusive: Bool) {
      self.value = value
      self.isInclusive = isInclusive
    }
  }

  /// How a type's values are written.
  struct Style {
    /// The type's name among the rules: `int32`.
    let name: String
    /// The value as Swift source.
    let literal: (Value) -> String
    /// The value for people.
    let text: (Value) -> String
    /// The expression that is compared, from that of the value.
    var operand: (String) -> String = { $0 }
    /// Whether there are values that are neither less than, nor equal to, nor greater than others.
    var hasNaN = false
    var less = "less than"
    var atMost = "at most"
    var greater = "greater than"
    var atLeast = "at least"
  }

  var const: Value?
  var lower: Bound?
  var upper: Bound?
  var allowed: [Value] = []
  var forbidden: [Value] = []

  func checks(_ style: Style) -> [RuleCheck] {
    var checks: [RuleCheck] = []
    func add(_ rule: String, _ description: String, fails: @escaping (String) -> String) {
      checks.append(
        .condition(
          fails: { fails(style.operand($0)) },
          rule: "\(style.name).\(rule)",
          description: "must be \(description)"
        )
      )
    }
    if let const {
      add("const", style.text(const)) { "\($0) != \(style.literal(const))" }
    }
    if let check = boundCheck(style) { add(check.rule, check.description, fails: check.fails) }
    if !allowed.isEmpty {
      let list = "[" + allowed.map(style.literal).joined(separator: ", ") + "]"
      add("in", "one of " + allowed.map(style.text).joined(separator: ", ")) { "!\(list).contains(\($0))" }
    }
    if !forbidden.isEmpty {
      let list = "[" + forbidden.map(style.literal).joined(separator: ", ") + "]"
      add("not_in", "none of " + forbidden.map(style.text).joined(separator: ", ")) { "\(list).contains(\($0))" }
    }
    return checks
  }

  /// One side of the range: what its rule is called and says, and what breaks it.
  private struct Side {
    let rule: String
    let words: String
    let fails: (String) -> String
  }

  private typealias BoundCheck = (rule: String, description: String, fails: (String) -> String)

  /// Two bounds in order enclose the values that are right, and two in the other order those that are wrong.
  private func boundCheck(_ style: Style) -> BoundCheck? {
    let low = lower.map { bound in
      bound.isInclusive
        ? side(bound.value, "gte", style.atLeast, holds: ">=", fails: "<", style)
        : side(bound.value, "gt", style.greater, holds: ">", fails: "<=", style)
    }
    let high = upper.map { bound in
      bound.isInclusive
        ? side(bound.value, "lte", style.atMost, holds: "<=", fails: ">", style)
        : side(bound.value, "lt", style.less, holds: "<", fails: ">=", style)
    }
    guard let low, let high, let lower, let upper else {
      return (low ?? high).map { ($0.rule, $0.words, $0.fails) }
    }
    let rule = "\(low.rule)_\(high.rule)"
    if upper.value >= lower.value {
      return (rule, "\(low.words) and \(high.words)", { "\(low.fails($0)) || \(high.fails($0))" })
    }
    if upper.value < lower.value {
      return ("\(rule)_exclusive", "\(high.words) or \(low.words)", { "\(high.fails($0)) && \(low.fails($0))" })
    }
    return nil  // A bound is not a number.
  }

  private func side(
    _ value: Value,
    _ rule: String,
    _ words: String,
    holds: String,
    fails: String,
    _ style: Style
  ) -> Side {
    let literal = style.literal(value)
    return Side(rule: rule, words: "\(words) \(style.text(value))") { operand in
      // What is not a number breaks every rule; and as a bound it is broken by nothing else.
      guard style.hasNaN else { return "\(operand) \(fails) \(literal)" }
      return value == value ? "!(\(operand) \(holds) \(literal))" : "\(operand).isNaN"
    }
  }
}
