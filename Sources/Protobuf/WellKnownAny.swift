extension GoogleProtobuf.`Any` {
  /// What stands before the type name in a URL written here. Readers go by what follows the last slash.
  public static let urlPrefix = "type.googleapis.com/"

  /// Packs a message.
  public init<M: Message>(packing message: M) {
    self.init(typeUrl: Self.urlPrefix + M.protoName, value: message.serializedBytes(deterministic: true))
  }

  /// The full proto name of the message inside: what follows the last slash of the URL.
  public var messageName: String {
    guard let slash = typeUrl.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return String(typeUrl[typeUrl.utf8.index(after: slash)...])
  }

  /// Whether a message of this type is inside.
  public func holds<M: Message>(_ type: M.Type) -> Bool { messageName == M.protoName }

  /// The message inside; nil if it is of another type.
  public func unpacked<M: Message>(
    as type: M.Type = M.self,
    limits: DecodingLimits = .default
  ) throws(MessageDecodingError) -> M? {
    guard holds(type) else { return nil }
    return try M(serializedBytes: value, limits: limits)
  }
}
