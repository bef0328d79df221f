/// A field as its contract declares it. Immutable once its pool is made.
public final class FieldSchema: @unchecked Sendable {
  /// What a field holds.
  public enum Kind: Sendable, Hashable {
    case double, float, int32, int64, uint32, uint64, sint32, sint64, fixed32, fixed64, sfixed32, sfixed64
    case bool, string, bytes, message, group, `enum`
  }

  public let number: UInt32
  /// The name in the contract; of an extension its full name in brackets.
  public let name: String
  /// The name in JSON: `json_name`, which is the name in lower camel case unless the contract says otherwise.
  public let jsonName: String
  public let kind: Kind
  public let isRepeated: Bool
  public let isExtension: Bool
  /// Whether every message has it.
  public let isRequired: Bool
  /// Whether absent differs from the default.
  public let hasPresence: Bool
  /// The index of the oneof among the message's; nil for a field of none. `optional` makes no oneof.
  public let oneof: Int?
  /// The full name of the message or enum that the field holds; empty for other kinds.
  public let typeName: String
  /// The message that the field holds, where it is one and the pool knows it. The pool keeps it.
  public internal(set) unowned var message: MessageSchema?
  /// Likewise the enum.
  public internal(set) unowned var `enum`: EnumSchema?
  /// Whether `null` in JSON is a value of the field, and does not mean that there is none.
  let takesNull: Bool
  /// Whether the enum is google.protobuf.NullValue, which JSON writes as `null`.
  let isNullValue: Bool
  /// `jsonName` in UTF-8.
  let jsonNameBytes: [UInt8]
  /// The two names with their quotes and a colon, as JSON has them.
  let jsonKey: [UInt8]
  let nameKey: [UInt8]

  /// Whether the field is a map; its message is the entry then, with a key of number 1 and a value of number 2.
  public var isMap: Bool { isRepeated && message?.isMapEntry == true }

  /// - Parameters:
  ///   - oneofCount: How many oneofs the message has; descriptors may come from anybody.
  ///   - extensionName: The full name, if the field is an extension.
  init?(
    _ proto: GoogleProtobuf.FieldDescriptorProto,
    isProto3: Bool,
    oneofCount: Int = 0,
    extensionName: String? = nil
  ) {
    guard let name = proto.name, let number = proto.number, number > 0, let kind = Kind(proto.type) else { return nil }
    self.number = UInt32(number)
    isExtension = extensionName != nil
    let bracketed = extensionName.map { "[\($0)]" }
    self.name = bracketed ?? name
    self.jsonName = bracketed ?? proto.jsonName ?? FieldName.lowerCamel(name)
    self.kind = kind
    isRepeated = proto.label == .repeated
    isRequired = proto.label == .required
    let isOptional = proto.proto3Optional ?? false
    oneof = isOptional ? nil : proto.oneofIndex.map(Int.init).flatMap { (0..<oneofCount).contains($0) ? $0 : nil }
    hasPresence = !isRepeated && (!isProto3 || isOptional || oneof != nil || kind == .message || kind == .group)
    typeName = proto.typeName.map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 } ?? ""
    isNullValue = typeName == "google.protobuf.NullValue"
    takesNull = !isRepeated && (isNullValue || typeName == "google.protobuf.Value")
    jsonNameBytes = Array(jsonName.utf8)
    jsonKey = JSONWriter.quotedKey(jsonName)
    nameKey = JSONWriter.quotedKey(self.name)
  }
}

extension FieldSchema.Kind {
  init?(_ type: GoogleProtobuf.FieldDescriptorProto.TypeEnum?) {
    switch type {
    case .double: self = .double
    case .float: self = .float
    case .int32: self = .int32
    case .int64: self = .int64
    case .uint32: self = .uint32
    case .uint64: self = .uint64
    case .sint32: self = .sint32
    case .sint64: self = .sint64
    case .fixed32: self = .fixed32
    case .fixed64: self = .fixed64
    case .sfixed32: self = .sfixed32
    case .sfixed64: self = .sfixed64
    case .bool: self = .bool
    case .string: self = .string
    case .bytes: self = .bytes
    case .message: self = .message
    case .group: self = .group
    case .enum: self = .enum
    default: return nil
    }
  }

  /// How a single value of the kind travels.
  var wireType: WireType {
    switch self {
    case .double, .fixed64, .sfixed64: .fixed64
    case .float, .fixed32, .sfixed32: .fixed32
    case .string, .bytes, .message: .lengthDelimited
    case .group: .startGroup
    case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .bool, .enum: .varint
    }
  }

  /// Whether several values may share one length-delimited record.
  var isPackable: Bool {
    switch self {
    case .string, .bytes, .message, .group: false
    default: true
    }
  }
}
