import Protobuf

/// Which rules belong to which types.
extension RuleBuilder {
  private static let wrappers = [
    "google.protobuf.BoolValue": "bool", "google.protobuf.BytesValue": "bytes",
    "google.protobuf.DoubleValue": "double", "google.protobuf.FloatValue": "float",
    "google.protobuf.Int32Value": "int32", "google.protobuf.Int64Value": "int64",
    "google.protobuf.StringValue": "string", "google.protobuf.UInt32Value": "uint32",
    "google.protobuf.UInt64Value": "uint64",
  ]

  private static let wellKnown = [
    "google.protobuf.Any": "any", "google.protobuf.Duration": "duration",
    "google.protobuf.FieldMask": "field_mask", "google.protobuf.Timestamp": "timestamp",
  ]

  static func isWrapper(_ kind: FieldKind) -> Bool { wrappers[kind.message?.fullName ?? ""] != nil }

  /// The member of `FieldRules.type` for values of a type; nil for messages that have no standard rules.
  static func rulesName(of kind: FieldKind) -> String? {
    switch kind {
    case .double: "double"
    case .float: "float"
    case .int32: "int32"
    case .int64: "int64"
    case .uint32: "uint32"
    case .uint64: "uint64"
    case .sint32: "sint32"
    case .sint64: "sint64"
    case .fixed32: "fixed32"
    case .fixed64: "fixed64"
    case .sfixed32: "sfixed32"
    case .sfixed64: "sfixed64"
    case .bool: "bool"
    case .string: "string"
    case .bytes: "bytes"
    case .enumeration: "enum"
    case .message(let message): wellKnown[message.fullName] ?? wrappers[message.fullName]
    }
  }

  static func name(of type: BufValidate.FieldRules.TypeOneof) -> String { describe(type).name }

  static func rules(of type: BufValidate.FieldRules.TypeOneof) -> any Message { describe(type).rules }

  private static func describe(_ type: BufValidate.FieldRules.TypeOneof) -> (name: String, rules: any Message) {
    switch type {
    case .float(let rules): ("float", rules)
    case .double(let rules): ("double", rules)
    case .int32(let rules): ("int32", rules)
    case .int64(let rules): ("int64", rules)
    case .uint32(let rules): ("uint32", rules)
    case .uint64(let rules): ("uint64", rules)
    case .sint32(let rules): ("sint32", rules)
    case .sint64(let rules): ("sint64", rules)
    case .fixed32(let rules): ("fixed32", rules)
    case .fixed64(let rules): ("fixed64", rules)
    case .sfixed32(let rules): ("sfixed32", rules)
    case .sfixed64(let rules): ("sfixed64", rules)
    case .bool(let rules): ("bool", rules)
    case .string(let rules): ("string", rules)
    case .bytes(let rules): ("bytes", rules)
    case .enum(let rules): ("enum", rules)
    case .repeated(let rules): ("repeated", rules)
    case .map(let rules): ("map", rules)
    case .any(let rules): ("any", rules)
    case .duration(let rules): ("duration", rules)
    case .fieldMask(let rules): ("field_mask", rules)
    case .timestamp(let rules): ("timestamp", rules)
    }
  }
}
