import Protobuf

extension RuleBuilder {
  func boolChecks(_ rules: BufValidate.BoolRules) -> [RuleCheck] {
    guard let const = rules.const else { return [] }
    return [.condition(fails: { "\($0) != \(const)" }, rule: "bool.const", description: "must be \(const)")]
  }

  func enumChecks(_ rules: BufValidate.EnumRules) -> [RuleCheck] {
    let range = RuleRange<Int32>(const: rules.const, allowed: rules.in, forbidden: rules.notIn)
    let values = field.kind.enumeration?.distinctCases ?? []
    let compared = range.checks(
      .init(
        name: "enum",
        literal: String.init,
        text: { number in values.first { $0.number == number }?.name ?? String(number) },
        operand: { "\($0).rawValue" }
      )
    )
    guard rules.definedOnly == true else { return compared }
    let defined = RuleCheck.condition(
      fails: { "\($0).valueName == nil" },
      rule: "enum.defined_only",
      description: "must be a value that the contract names"
    )
    // In the order of the contract of rules.
    return rules.const == nil ? [defined] + compared : [compared[0], defined] + compared.dropFirst()
  }

  func integerChecks(_ name: String, _ rules: any Message) -> [RuleCheck] {
    let numbers = NumericRules(rules) { value -> Int128? in
      switch value {
      case .varint(let bits):
        switch name {
        case "int32": Int128(Int32(truncatingIfNeeded: bits))
        case "int64": Int128(Int64(bitPattern: bits))
        case "uint32": Int128(UInt32(truncatingIfNeeded: bits))
        case "sint32", "sint64": Int128(Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1))
        default: Int128(bits)
        }
      case .fixed32(let bits): name == "sfixed32" ? Int128(Int32(bitPattern: bits)) : Int128(bits)
      case .fixed64(let bits): name == "sfixed64" ? Int128(Int64(bitPattern: bits)) : Int128(bits)
      case .lengthDelimited, .group: nil
      }
    }
    return numbers.range.checks(.init(name: name, literal: { "\($0)" }, text: { "\($0)" }))
  }

  func floatingChecks(_ name: String, _ rules: any Message) -> [RuleCheck] {
    let numbers = NumericRules(rules) { value -> Double? in
      switch value {
      case .fixed32(let bits): Double(Float(bitPattern: bits))
      case .fixed64(let bits): Double(bitPattern: bits)
      case .varint, .lengthDelimited, .group: nil
      }
    }
    let source = { (number: Double) in name == "float" ? "\(Float(number))" : "\(number)" }
    let literals = ["inf": ".infinity", "-inf": "-.infinity", "nan": ".nan", "-nan": ".nan"]
    var checks = numbers.range.checks(
      .init(
        name: name,
        literal: { literals[source($0)] ?? source($0) },
        text: { source($0).hasSuffix(".0") ? String(source($0).dropLast(2)) : source($0) },
        hasNaN: true
      )
    )
    if numbers.isFinite {
      checks.append(.condition(fails: { "!\($0).isFinite" }, rule: "\(name).finite", description: "must be finite"))
    }
    return checks
  }
}

/// The rules of the numeric types. Their messages differ in the type of the numbers only, and number their fields alike;
/// so they are read by these.
private struct NumericRules<Value: Comparable> {
  private(set) var range = RuleRange<Value>()
  private(set) var isFinite = false

  init(_ rules: any Message, number: (UnknownFields.Value) -> Value?) {
    guard let fields = UnknownFields(bytes: rules.serializedBytes()) else { return }
    func values(_ field: Int) -> [Value] { fields.values(of: field).compactMap(number) }
    range.const = values(1).last
    range.upper =
      values(2).last.map { .init($0, isInclusive: false) }
      ?? values(3).last.map { .init($0, isInclusive: true) }
    range.lower =
      values(4).last.map { .init($0, isInclusive: false) }
      ?? values(5).last.map { .init($0, isInclusive: true) }
    range.allowed = values(6)
    range.forbidden = values(7)
    isFinite = fields.values(of: 8).contains(.varint(1))
  }
}
