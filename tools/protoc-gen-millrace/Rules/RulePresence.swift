/// How generated code tells whether a field is set, as rules understand it: present, or where presence is not told, other
/// than the default of its type.
extension RuleEmitter {
  func condition(thatIsSet field: FieldModel) -> String {
    let property = "self.\(field.swiftName)"
    switch field.presence {
    case .oneofMember: return "case .\(field.swiftName)? = self.\(field.oneof?.swiftName ?? "")"
    case .explicit: return "\(property) != nil"
    case .required: return field.kind.message == nil ? "true" : "\(property) != nil"
    case .repeated, .map: return "!\(property).isEmpty"
    case .implicit:
      switch field.kind {
      case .string, .bytes: return "!\(property).isEmpty"
      case .bool: return property
      case .enumeration: return "\(property).rawValue != 0"
      // Minus zero is not the default.
      case .float, .double: return "\(property).bitPattern != 0"
      default: return "\(property) != 0"
      }
    }
  }

  /// Nil for a member of a oneof, for which Swift has no such condition.
  func condition(thatIsNotSet field: FieldModel) -> String? {
    let property = "self.\(field.swiftName)"
    switch field.presence {
    case .oneofMember: return nil
    case .explicit: return "\(property) == nil"
    case .required: return field.kind.message == nil ? "false" : "\(property) == nil"
    case .repeated, .map: return "\(property).isEmpty"
    case .implicit:
      switch field.kind {
      case .float, .double: return "\(property).bitPattern == 0"
      default: return condition(thatIsZero: field.kind, property)
      }
    }
  }

  /// A condition that holds when the field is set, and then names its value; nil where presence is not told.
  func binding(of field: FieldModel, to name: String) -> String? {
    switch field.presence {
    case .oneofMember: "case .\(field.swiftName)(let \(name))? = self.\(field.oneof?.swiftName ?? "")"
    case .explicit: "let \(name) = self.\(field.swiftName)"
    case .required: field.kind.message == nil ? nil : "let \(name) = self.\(field.swiftName)"
    case .implicit, .repeated, .map: nil
    }
  }

  /// Whether an item, a key or a value equals the default of its type.
  func condition(thatIsZero kind: FieldKind, _ value: String) -> String {
    switch kind {
    case .string, .bytes: "\(value).isEmpty"
    case .bool: "!\(value)"
    case .enumeration: "\(value).rawValue == 0"
    case .message: "\(value).serializedBytes().isEmpty"
    default: "\(value) == 0"
    }
  }
}
