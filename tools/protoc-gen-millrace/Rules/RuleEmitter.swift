/// The `_check` hook: the rules of the contract as plain comparisons. A message without rules gets none.
struct RuleEmitter {
  let message: MessageModel
  let scope: Scope

  func emit(into printer: inout Printer) {
    guard message.hasRules else { return }
    emitPatterns(into: &printer)
    printer.line()
    printer.line("public static var _hasRules: Bool { true }")
    printer.line()
    printer.line("@inline(never)")
    printer.block("public func _check(_ found: inout RuleViolations)") { printer in
      for group in message.exclusiveFields { emit(group, into: &printer) }
      for oneof in message.oneofs where oneof.isRequired {
        printer.block("if self.\(oneof.swiftName) == nil") { printer in
          emitAdd("required", "must have one of its members set", at: oneof.name, into: &printer)
        }
      }
      for field in message.fields { emit(field, into: &printer) }
    }
  }

  // MARK: Patterns

  /// Where in a field a pattern applies, as the name of the property that holds it ends.
  private enum Place: String {
    case value = ""
    case item = "_item"
    case key = "_key"
  }

  private func patternName(_ field: FieldModel, _ place: Place) -> String {
    "_\(field.swiftName)Pattern\(place.rawValue)"
  }

  private func emitPatterns(into printer: inout Printer) {
    for field in message.fields {
      guard let rules = field.rules else { continue }
      for (place, checks) in [
        (Place.value, rules.value.checks), (.item, rules.items?.checks ?? []), (.key, rules.keys?.checks ?? []),
      ] {
        for case .pattern(let text, _) in checks {
          printer.line()
          printer.line(
            "private static let \(patternName(field, place)) = RulePattern(checked: \(SwiftLiteral.string(text)))"
          )
        }
      }
    }
  }

  // MARK: Messages and fields

  private func emit(_ group: ExclusiveFields, into printer: inout Printer) {
    let names = group.fields.map(\.name).joined(separator: ", ")
    printer.block("do") { printer in
      printer.line("var count = 0")
      for field in group.fields { printer.line("if \(condition(thatIsSet: field)) { count += 1 }") }
      printer.block("if count > 1") { printer in
        emitAdd("message.oneof", "must have one of \(names) at most", at: nil, into: &printer)
      }
      if group.isRequired {
        printer.block("if count == 0") { printer in
          emitAdd("message.oneof", "must have one of \(names)", at: nil, into: &printer)
        }
      }
    }
  }

  private func emit(_ field: FieldModel, into printer: inout Printer) {
    guard let rules = field.rules, rules.isRequired || rules.hasChecks else { return }
    let property = "self.\(field.swiftName)"
    guard rules.hasChecks else {
      emitAbsence(of: field, into: &printer)
      return
    }
    let binding = binding(of: field, to: "value")
    guard let condition = binding ?? (rules.skipsDefault ? condition(thatIsSet: field) : nil) else {
      emit(rules, of: field, property, into: &printer)
      return
    }
    printer.line("if \(condition) {")
    printer.indented { emit(rules, of: field, binding == nil ? property : "value", into: &$0) }
    if rules.isRequired {
      printer.line("} else {")
      printer.indented { emitRequired(field, into: &$0) }
    }
    printer.line("}")
  }

  private func emit(_ rules: FieldRuleModel, of field: FieldModel, _ value: String, into printer: inout Printer) {
    emit(rules.value, of: field, .value, value, at: field.name, into: &printer)
    let name = SwiftLiteral.string(field.name)
    if case .map(_, let key, let mapped) = field.presence {
      if let keys = rules.keys, keys.hasChecks {
        emitEach(
          "keys(\(value), at: \(name)) { key", keys, of: field, .key, condition(thatIsZero: key.kind, "key"),
          into: &printer)
      }
      if let values = rules.items, values.hasChecks {
        emitEach(
          "values(\(value), at: \(name)) { item", values, of: field, .item, condition(thatIsZero: mapped.kind, "item"),
          into: &printer)
      }
    } else if let items = rules.items, items.hasChecks {
      emitEach(
        "items(\(value), at: \(name)) { item", items, of: field, .item, condition(thatIsZero: field.kind, "item"),
        into: &printer)
    }
  }

  private func emitEach(
    _ opening: String,
    _ rules: ValueRuleModel,
    of field: FieldModel,
    _ place: Place,
    _ isZero: String,
    into printer: inout Printer
  ) {
    printer.line("found.\(opening), found in")
    printer.indented { printer in
      if rules.ignoresZero { printer.line("if \(isZero) { return }") }
      emit(rules, of: field, place, place == .key ? "key" : "item", at: nil, into: &printer)
    }
    printer.line("}")
  }

  // MARK: Checks

  private func emit(
    _ rules: ValueRuleModel,
    of field: FieldModel,
    _ place: Place,
    _ value: String,
    at name: String?,
    into printer: inout Printer
  ) {
    let checked = rules.isWrapped ? value + ".value" : value
    let position = name.map { ", at: \(SwiftLiteral.string($0))" } ?? ""
    for check in rules.checks {
      switch check {
      case .condition(let fails, let rule, let description):
        printer.block("if \(fails(checked))") { emitAdd(rule, description, at: name, into: &$0) }
      case .pattern(let text, let rule):
        printer.block("if !Self.\(patternName(field, place)).matches(\(checked))") { printer in
          emitAdd(rule, "must match the pattern `\(text)`", at: name, into: &printer)
        }
      case .format(let format, let isStrict):
        let strictness = isStrict ? "" : ", isStrict: false"
        printer.line("found.check(\(checked), is: .\(format)\(strictness)\(position))")
      }
    }
    if rules.nested?.hasRules == true { printer.line("found.nested(\(value)\(position))") }
  }

  /// All that a field can do wrong is to be absent.
  private func emitAbsence(of field: FieldModel, into printer: inout Printer) {
    guard let condition = condition(thatIsNotSet: field) else {
      printer.line("if \(self.condition(thatIsSet: field)) {} else {")
      printer.indented { emitRequired(field, into: &$0) }
      printer.line("}")
      return
    }
    printer.block("if \(condition)") { emitRequired(field, into: &$0) }
  }

  private func emitRequired(_ field: FieldModel, into printer: inout Printer) {
    let description = field.isCollection ? "must not be empty" : "must be set"
    emitAdd("required", description, at: field.name, into: &printer)
  }

  private func emitAdd(_ rule: String, _ description: String, at name: String?, into printer: inout Printer) {
    var parts = [SwiftLiteral.string(rule), SwiftLiteral.string(description)]
    if let name { parts.append("at: \(SwiftLiteral.string(name))") }
    let single = "found.add(\(parts.joined(separator: ", ")))"
    if single.utf8.count <= printer.columnsLeft {
      printer.line(single)
      return
    }
    printer.line("found.add(")
    printer.indented { printer in
      for (index, part) in parts.enumerated() { printer.line(part + (index + 1 < parts.count ? "," : "")) }
    }
    printer.line(")")
  }
}
