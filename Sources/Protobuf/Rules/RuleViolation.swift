/// A rule of the contract that a message breaks.
public struct RuleViolation: Sendable, Hashable {
  /// The way to the field in the contract's names: `amount.minor_units`, `items[2].name`, `labels["region"]`. Empty for a
  /// rule on the message itself.
  public var field: String
  /// The rule's name as protovalidate has it: `string.min_len`.
  public var rule: String
  /// What the value must be, for people: `must be at least 3 characters long`.
  public var description: String
  /// Whether the rule is on the key of the map entry that `field` names, not on its value.
  public var isOnKey = false

  public init(field: String, rule: String, description: String, isOnKey: Bool = false) {
    self.field = field
    self.rule = rule
    self.description = description
    self.isOnKey = isOnKey
  }
}

extension Message {
  /// The rules of the contract that the message breaks.
  @inlinable
  public func checkRules() -> RuleViolations {
    var violations = RuleViolations()
    guard Self._hasRules else { return violations }
    _check(&violations)
    violations.fit()
    return violations
  }
}
