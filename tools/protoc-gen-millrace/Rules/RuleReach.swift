/// Finds the messages that have rules, or can contain one that has.
enum RuleReach {
  /// Sets `hasRules` on all messages of `files`.
  static func analyze(_ files: [FileModel]) {
    var undecided: [MessageModel] = []
    for message in files.flatMap(\.allMessages) where !message.isMapEntry {
      message.hasRules = hasOwnRules(message)
      if !message.hasRules { undecided.append(message) }
    }
    // What contains a message with rules has rules, level by level.
    while true {
      let reached = undecided.filter { message in message.fields.contains { $0.rules?.hasChecks == true } }
      if reached.isEmpty { return }
      for message in reached { message.hasRules = true }
      undecided.removeAll(where: \.hasRules)
    }
  }

  private static func hasOwnRules(_ message: MessageModel) -> Bool {
    !message.exclusiveFields.isEmpty || message.oneofs.contains(where: \.isRequired)
      || message.fields.contains { field in
        guard let rules = field.rules else { return false }
        return rules.isRequired
          || [rules.value, rules.items, rules.keys].contains { $0?.checks.isEmpty == false }
      }
  }
}
