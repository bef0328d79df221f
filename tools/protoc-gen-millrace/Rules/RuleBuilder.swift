import Protobuf

/// Turns the rules of a contract into checks, and refuses those that make no sense or cannot be enforced.
struct RuleBuilder {
  let field: FieldModel
  /// How errors name the field.
  let place: String

  /// The rules of a field, `nil` when they are to be ignored.
  func fieldRules(_ rules: BufValidate.FieldRules?) throws -> FieldRuleModel? {
    let rules = rules ?? BufValidate.FieldRules()
    if rules.ignore == .always { return nil }
    var model = FieldRuleModel(isRequired: rules.required ?? false)
    model.value.ignoresZero = rules.ignore == .ifZeroValue
    try expectSupported(rules)
    switch (field.presence, rules.type) {
    case (.repeated, nil):
      model.items = try valueRules(nil, of: field.kind)
    case (.repeated, .repeated(let list)):
      model.value.checks = try listChecks(list)
      model.items = try valueRules(list.items, of: field.kind)
    case (.map(_, let key, let value), nil):
      model.keys = try valueRules(nil, of: key.kind)
      model.items = try valueRules(nil, of: value.kind)
    case (.map(_, let key, let value), .map(let map)):
      model.value.checks = try mapChecks(map)
      model.keys = try valueRules(map.keys, of: key.kind)
      model.items = try valueRules(map.values, of: value.kind)
    case (.repeated, let other?): throw mismatch(other, expected: "repeated")
    case (.map, let other?): throw mismatch(other, expected: "map")
    default:
      model.value.checks = try checks(rules.type, of: field.kind)
      model.value.nested = field.kind.message
      model.value.isWrapped = Self.isWrapper(field.kind)
    }
    return model
  }

  /// The rules of an item, a key or a value, `nil` when they are to be ignored.
  private func valueRules(_ rules: BufValidate.FieldRules?, of kind: FieldKind) throws -> ValueRuleModel? {
    let rules = rules ?? BufValidate.FieldRules()
    if rules.ignore == .always { return nil }
    try expectSupported(rules)
    return ValueRuleModel(
      ignoresZero: rules.ignore == .ifZeroValue,
      checks: try checks(rules.type, of: kind),
      nested: kind.message,
      isWrapped: Self.isWrapper(kind)
    )
  }

  private func expectSupported(_ rules: BufValidate.FieldRules) throws {
    try RuleOptions.expectNoExpressions(rules.cel, rules.celExpression, place: place)
    try RuleOptions.expectKnown(rules, place: place)
    if case .unrecognized(let number)? = rules.ignore {
      throw GeneratorError("\(place): ignore = \(number) is not known")
    }
  }

  /// The checks of a value that is no list and no map.
  private func checks(_ type: BufValidate.FieldRules.TypeOneof?, of kind: FieldKind) throws -> [RuleCheck] {
    guard let type else { return [] }
    guard let expected = Self.rulesName(of: kind) else {
      throw GeneratorError("\(place): there are no standard rules for \(kind.message?.fullName ?? "its type")")
    }
    guard Self.name(of: type) == expected else { throw mismatch(type, expected: expected) }
    try RuleOptions.expectKnown(Self.rules(of: type), place: place)
    return switch type {
    case .string(let rules): try stringChecks(rules)
    case .bytes(let rules): try bytesChecks(rules)
    case .bool(let rules): boolChecks(rules)
    case .enum(let rules): enumChecks(rules)
    case .any(let rules): anyChecks(rules)
    case .fieldMask(let rules): fieldMaskChecks(rules)
    case .duration(let rules): durationChecks(rules)
    case .timestamp(let rules): try timestampChecks(rules)
    case .float, .double: floatingChecks(Self.name(of: type), Self.rules(of: type))
    default: integerChecks(Self.name(of: type), Self.rules(of: type))
    }
  }

  /// Compiles a pattern as a server will.
  func pattern(_ text: String, rule: String) throws -> RuleCheck {
    do {
      _ = try RulePattern(text)
    } catch {
      throw GeneratorError("\(place): \(rule) “\(text)”: \(error)")
    }
    return .pattern(text, rule: rule)
  }

  private func mismatch(_ type: BufValidate.FieldRules.TypeOneof, expected: String) -> GeneratorError {
    GeneratorError("\(place): its rules must be (buf.validate.field).\(expected), not .\(Self.name(of: type))")
  }
}
