import Protobuf

/// The rules of a field, as code can check them. A field whose rules are always ignored has none.
struct FieldRuleModel {
  var isRequired = false
  /// The field's own value, or the message that it holds; for a list or a map that as a whole.
  var value = ValueRuleModel()
  /// The items of a list, or the values of a map.
  var items: ValueRuleModel?
  /// The keys of a map.
  var keys: ValueRuleModel?

  /// Whether there is anything to check about a field that is set.
  var hasChecks: Bool { [value, items, keys].contains { $0?.hasChecks == true } }

  /// Whether a field that does not tell presence is not checked when it is the default of its type.
  var skipsDefault: Bool { isRequired || value.ignoresZero }
}

/// The rules of one value.
struct ValueRuleModel {
  /// Whether the default of the type breaks no rule.
  var ignoresZero = false
  var checks: [RuleCheck] = []
  /// The type of the message that is checked too.
  var nested: MessageModel?
  /// Whether the checks are about the `value` of a wrapper message.
  var isWrapped = false

  var hasChecks: Bool { !checks.isEmpty || nested?.hasRules == true }
}

/// One thing to check about a value.
enum RuleCheck {
  /// The rule is broken when `fails`, an expression made from that of the value, is true.
  case condition(fails: (_ value: String) -> String, rule: String, description: String)
  /// The value must match a regular expression.
  case pattern(String, rule: String)
  /// The value must have a form.
  case format(StringFormat, isStrict: Bool)
}

/// A group of fields of which one at most may be set.
struct ExclusiveFields {
  let fields: [FieldModel]
  let isRequired: Bool
}
