import Protobuf

extension Message {
  /// Fails with INVALID_ARGUMENT when the message breaks rules of its contract.
  @inlinable @inline(__always)
  func enforceRules() throws(RPCError) {
    guard Self._hasRules else { return }
    let violations = checkRules()
    if !violations.isEmpty { throw .brokenRules(violations) }
  }
}

extension RPCError {
  /// INVALID_ARGUMENT for a message that breaks rules of its contract, with BadRequest details. Each violation names its
  /// rule: in its description as `string.min_len`, in its reason as `STRING_MIN_LEN`.
  public static func brokenRules(_ violations: RuleViolations) -> RPCError {
    var error = badRequest(violations.reported.map(FieldViolation.init(_:)))
    error.message = summary(of: violations)
    return error
  }

  /// What is in the details too, so only as much of it as a person reads.
  private static func summary(of violations: RuleViolations) -> String {
    var parts = violations.reported.prefix(3).map { violation in
      violation.field.isEmpty ? violation.description : "\(violation.field): \(violation.description)"
    }
    let others = violations.count - parts.count
    if others > 0 { parts.append("and \(others) more") }
    return parts.joined(separator: "; ")
  }
}

extension RPCError.FieldViolation {
  init(_ violation: RuleViolation) {
    self.init(
      field: violation.field,
      description: "\(violation.isOnKey ? "the key " : "")\(violation.description) (\(violation.rule))",
      reason: violation.rule.uppercased().replacing(".", with: "_")
    )
  }
}
