import Protobuf

extension ModelBuilder {
  /// Reads the rules of a message, its oneofs and its fields, which are all there already.
  func addRules(
    of proto: GoogleProtobuf.DescriptorProto,
    to message: MessageModel,
    oneofs: [Int32: OneofModel]
  ) throws {
    guard !message.isMapEntry, message.file.path != RuleOptions.contract else { return }
    let place = "\(message.file.path): message \(message.fullName)"
    let rules: BufValidate.MessageRules? = try RuleOptions.rules(proto.options?.unknownFields, place: place)
    try addExclusiveFields(rules ?? BufValidate.MessageRules(), to: message, place: place)
    for (index, oneof) in oneofs {
      let place = "\(message.file.path): oneof \(oneof.name) of \(message.fullName)"
      let options = proto.oneofDecl[Int(index)].options?.unknownFields
      let rules: BufValidate.OneofRules? = try RuleOptions.rules(options, place: place)
      if let rules { try RuleOptions.expectKnown(rules, place: place) }
      oneof.isRequired = rules?.required ?? false
    }
    let exclusive = Set(message.exclusiveFields.flatMap(\.fields).map(\.number))
    for (field, fieldProto) in zip(message.fields, proto.field) {
      let place = "\(message.file.path): field \(field.name) of \(message.fullName)"
      let options = fieldProto.options?.unknownFields
      try RuleOptions.expectNoPredefinedRule(options, place: place)
      var rules: BufValidate.FieldRules? = try RuleOptions.rules(options, place: place)
      if exclusive.contains(field.number), rules?.ignore == nil {
        // The rules of one that is not set do not count.
        rules = rules ?? BufValidate.FieldRules()
        rules?.ignore = .ifZeroValue
      }
      field.rules = try RuleBuilder(field: field, place: place).fieldRules(rules)
    }
  }

  private func addExclusiveFields(_ rules: BufValidate.MessageRules, to message: MessageModel, place: String) throws {
    try RuleOptions.expectNoExpressions(rules.cel, rules.celExpression, place: place)
    try RuleOptions.expectKnown(rules, place: place)
    for group in rules.oneof {
      guard !group.fields.isEmpty else { throw GeneratorError("\(place): a rule (oneof) names no fields") }
      var fields: [FieldModel] = []
      for name in group.fields {
        guard let field = message.fields.first(where: { $0.name == name }) else {
          throw GeneratorError("\(place): a rule (oneof) names the field \(name), which is not there")
        }
        guard !fields.contains(where: { $0 === field }) else {
          throw GeneratorError("\(place): a rule (oneof) names the field \(name) twice")
        }
        fields.append(field)
      }
      message.exclusiveFields.append(ExclusiveFields(fields: fields, isRequired: group.required ?? false))
    }
  }
}
