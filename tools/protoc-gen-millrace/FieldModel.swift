/// A field of a message, a member of a oneof, or an extension.
final class FieldModel {
  /// `minor_units`
  let name: String
  let number: Int32
  /// `minorUnits`
  let jsonName: String
  /// The property or, in a oneof, the case: `minorUnits`. Without back-ticks; print it with `escaped`.
  let swiftName: String
  let kind: FieldKind
  /// A message between two tags, as proto2's groups are.
  let isGroup: Bool
  let presence: Presence
  /// The real oneof that the field is a member of.
  unowned let oneof: OneofModel?
  /// What an absent field reads as, when the author said so (proto2 only).
  let declaredDefault: DefaultValue?
  let comments: Comments
  let isDeprecated: Bool

  /// A singular message field through which a value would contain itself: stored in `@_Boxed`, or as an `indirect case`.
  var isBoxed = false
  /// Nil when its rules are always ignored.
  var rules: FieldRuleModel?

  init(
    name: String,
    number: Int32,
    jsonName: String,
    swiftName: String,
    kind: FieldKind,
    isGroup: Bool,
    presence: Presence,
    oneof: OneofModel?,
    declaredDefault: DefaultValue?,
    comments: Comments,
    isDeprecated: Bool
  ) {
    self.name = name
    self.number = number
    self.jsonName = jsonName
    self.swiftName = swiftName
    self.kind = kind
    self.isGroup = isGroup
    self.presence = presence
    self.oneof = oneof
    self.declaredDefault = declaredDefault
    self.comments = comments
    self.isDeprecated = isDeprecated
  }

  /// How often the field occurs, and how its absence is told.
  enum Presence {
    /// proto3 without `optional`: a plain Swift value, absent on the wire when it equals the default. Never of message type.
    case implicit
    /// A Swift optional: proto3 `optional`, proto2 `optional`, singular message fields.
    case explicit
    /// proto2 `required`: a plain Swift value that is always written. A message-typed one is a Swift optional.
    case required
    /// A member of a oneof: the payload of its case.
    case oneofMember
    /// An array.
    case repeated(packed: Bool)
    /// A dictionary. `entry` is the synthetic message; its fields 1 and 2 are `key` and `value`, both explicit.
    case map(entry: MessageModel, key: FieldModel, value: FieldModel)
  }

  /// Whether the Swift property is an array or a dictionary.
  var isCollection: Bool {
    switch presence {
    case .repeated, .map: true
    case .implicit, .explicit, .required, .oneofMember: false
    }
  }
}

/// The type of a field's value. For a map field it is the entry message.
enum FieldKind {
  case double, float
  case int32, int64, uint32, uint64, sint32, sint64
  case fixed32, fixed64, sfixed32, sfixed64
  case bool, string, bytes
  case enumeration(EnumModel)
  case message(MessageModel)

  var message: MessageModel? {
    if case .message(let message) = self { message } else { nil }
  }

  var enumeration: EnumModel? {
    if case .enumeration(let enumeration) = self { enumeration } else { nil }
  }

  /// Whether repeated values may share one length-delimited record.
  var isPackable: Bool {
    switch self {
    case .string, .bytes, .message: false
    default: true
    }
  }
}

/// The declared default of a proto2 field.
enum DefaultValue {
  /// A Swift literal or expression for a number, a Boolean or a string, for example `1`, `true`, `.infinity`, `"ab"`.
  case literal(String)
  /// The bytes of a `bytes` field.
  case bytes([UInt8])
  case enumCase(EnumModel.Case)
}
