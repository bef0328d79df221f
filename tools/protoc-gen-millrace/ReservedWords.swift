/// Names that generated code cannot use as they are.
enum ReservedWords {
  /// Swift's keywords that cannot be identifiers without back-ticks.
  static let keywords: Set<String> = [
    "Any", "as", "associatedtype", "break", "case", "catch", "class", "continue", "default",
    "defer", "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard",
    "if", "import", "in", "init", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup",
    "private", "protocol", "public", "repeat", "rethrows", "return", "static", "struct", "subscript", "super", "switch",
    "throw", "throws", "true", "try", "typealias", "var", "where", "while",
  ]

  /// Types that generated code mentions unqualified, and member names that are part of Swift's type syntax.
  static let types: Set<String> = [
    "Array", "Bool", "CaseIterable", "Dictionary", "Double", "Error", "ProtoFile", "Float", "Hashable", "Hasher",
    "Int", "Int32", "Int64", "MemoryLayout", "Message", "Optional", "ProtobufEnum", "Protocol", "RuleBytes",
    "RuleList", "RulePattern", "RuleText", "RuleTime", "RuleViolations", "Self", "Sendable",
    "StaticString", "String", "Swift", "Type", "UInt", "UInt32", "UInt64", "UInt8", "UnknownFields",
    "UnsafeMutablePointer",
    "UnsafeMutableRawPointer", "UnsafePointer", "UnsafeRawBufferPointer", "UnsafeRawPointer", "Void",
  ]

  /// Members that every message has.
  static let members: Set<String> = [
    "Type", "Protocol", "self", "init", "hash", "hashValue", "unknownFields", "serializedBytes", "withSerializedBytes",
    "checkRules", "firstDifference",
  ]

  /// Members that every enum has.
  static let cases: Set<String> = [
    "Type", "Protocol", "self", "init", "hash", "hashValue", "allCases", "rawValue", "unrecognized",
  ]

  /// Members that every service and method list has.
  static let methods: Set<String> = ["Type", "Protocol", "self", "init", "descriptor", "methods"]
}
