/// How messages are written as JSON.
public struct JSONEncodingOptions: Sendable {
  /// Writes fields without presence that are at their default, too.
  public var alwaysPrintsDefaults = false
  /// Writes fields by their names in the contract, not in lower camel case.
  public var preservesProtoFieldNames = false
  /// Writes enums by number.
  public var printsEnumsAsIntegers = false
  /// One field a line, indented by two spaces.
  public var isPretty = false
  /// Where to look up the messages inside of `Any`, besides what the message's contract imports and Protobuf's
  /// own contracts.
  public var types: DescriptorPool?

  public init() {}
}

/// How JSON is read as a message.
public struct JSONDecodingOptions: Sendable {
  /// Passes over fields and names of enum values that the contract does not know, which are errors otherwise.
  public var ignoresUnknownFields = false
  /// How deep objects and lists may nest.
  public var maxDepth = 100
  /// Where to look up the messages inside of `Any`, besides what the message's contract imports and Protobuf's
  /// own contracts.
  public var types: DescriptorPool?

  public init() {}
}

/// Why a message cannot be written as JSON.
public struct JSONEncodingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The place in the message, such as `schedule[2].dueDate`; empty for the message itself.
  public var path: String
  /// What is wrong with it.
  public var reason: String

  public var description: String { path.isEmpty ? reason : "\(path): \(reason)" }
}

/// Why JSON cannot be read as a message.
public struct JSONDecodingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The place in the JSON, such as `schedule[2].dueDate`; empty for the whole.
  public var path: String
  /// Where in the JSON reading stopped, in bytes from its start.
  public var offset: Int
  /// What is wrong with it.
  public var reason: String

  public var description: String { "\(path.isEmpty ? "" : "\(path): ")\(reason) (at byte \(offset))" }
}
