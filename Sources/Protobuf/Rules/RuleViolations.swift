/// Collects the rules that a message breaks.
///
/// Nothing is spent on a message that keeps them: the way to a field is put together only once something is wrong with
/// it, from the inside out.
public struct RuleViolations: Sendable {
  /// In the order of the contract, as many as `RuleLimits` leaves.
  public private(set) var reported: [RuleViolation] = []
  /// How many there are in all.
  public private(set) var count = 0

  @inlinable
  public init() {}

  public var isEmpty: Bool { count == 0 }

  /// Keeps no more than a peer should have to take in the trailers of a call, but one in any case.
  @usableFromInline
  mutating func fit() {
    var bytes = 0
    for (index, violation) in reported.enumerated() {
      bytes += violation.field.utf8.count + violation.description.utf8.count + 2 * violation.rule.utf8.count
      if index > 0, bytes > RuleLimits.reportedBytes {
        reported.removeLast(reported.count - index)
        return
      }
    }
  }
}

// MARK: for generated code

extension RuleViolations {
  /// Notes that a rule is broken by a field, or by what is checked within `items`, `keys` or `values`.
  @inline(never)
  public mutating func add(_ rule: String, _ description: String, at field: String = "") {
    count += 1
    guard reported.count < RuleLimits.reportedViolations else { return }
    reported.append(RuleViolation(field: field, rule: rule, description: description))
  }

  /// Checks the message in a field.
  @inlinable
  public mutating func nested<M: Message>(_ message: M, at field: String = "") {
    let mark = reported.count
    message._check(&self)
    if reported.count > mark, !field.isEmpty { place(field, since: mark) }
  }

  /// Checks the items of a list.
  @inlinable
  public mutating func items<Item>(
    _ items: [Item],
    at field: String,
    _ check: (Item, inout RuleViolations) -> Void
  ) {
    for index in items.indices {
      let mark = reported.count
      check(items[index], &self)
      if reported.count > mark { place("\(field)[\(index)]", since: mark) }
    }
  }

  /// Checks the keys of a map.
  @inlinable
  public mutating func keys<Key: Hashable, Value>(
    _ map: [Key: Value],
    at field: String,
    _ check: (Key, inout RuleViolations) -> Void
  ) {
    for key in map.keys {
      let mark = reported.count
      check(key, &self)
      if reported.count > mark { place(Self.entry(key, of: field), since: mark, onKey: true) }
    }
  }

  /// Checks the values of a map.
  @inlinable
  public mutating func values<Key: Hashable, Value>(
    _ map: [Key: Value],
    at field: String,
    _ check: (Value, inout RuleViolations) -> Void
  ) {
    for (key, value) in map {
      let mark = reported.count
      check(value, &self)
      if reported.count > mark { place(Self.entry(key, of: field), since: mark) }
    }
  }

  /// Puts `field` before the fields of all that was reported since `mark`.
  @usableFromInline @inline(never)
  mutating func place(_ field: String, since mark: Int, onKey: Bool = false) {
    for index in mark..<reported.count {
      let inner = reported[index].field
      reported[index].field = inner.isEmpty ? field : "\(field).\(inner)"
      if onKey { reported[index].isOnKey = true }
    }
  }

  /// `labels["region"]`, escaped as in JSON.
  @usableFromInline @inline(never)
  static func entry(_ key: some Hashable, of field: String) -> String {
    guard let text = key as? String else { return "\(field)[\(key)]" }
    var quoted = ""
    for scalar in text.unicodeScalars {
      if quoted.utf8.count >= RuleLimits.reportedKeyBytes {
        quoted += "…"
        break
      }
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\0"..<" ": quoted += (scalar.value < 16 ? "\\u000" : "\\u00") + String(scalar.value, radix: 16)
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return "\(field)[\"\(quoted)\"]"
  }
}
