extension JSONPrinter {
  mutating func print(
    _ bytes: UnsafeRawBufferPointer,
    as wellKnown: WellKnown,
    _ schema: MessageSchema,
    depth: Int
  ) throws(JSONEncodingError) {
    switch wellKnown {
    case .timestamp:
      guard let text = try decode(GoogleProtobuf.Timestamp.self, bytes).rfc3339 else {
        throw failure("the time lies outside of the years 1 to 9999")
      }
      writer.string(text.utf8)
    case .duration:
      guard let text = try decode(GoogleProtobuf.Duration.self, bytes).text else {
        throw failure("the duration is over 10 000 years, or its parts differ in sign")
      }
      writer.string(text.utf8)
    case .fieldMask: try printMask(decode(GoogleProtobuf.FieldMask.self, bytes))
    case .struct: try print(decode(GoogleProtobuf.Struct.self, bytes))
    case .value: try print(decode(GoogleProtobuf.Value.self, bytes))
    case .listValue: try print(decode(GoogleProtobuf.ListValue.self, bytes))
    case .wrapper: try printWrapper(bytes, schema)
    case .any: try printAny(decode(GoogleProtobuf.`Any`.self, bytes), depth: depth)
    }
  }

  private func decode<M: Message>(_ type: M.Type, _ bytes: UnsafeRawBufferPointer) throws(JSONEncodingError) -> M {
    do throws(MessageDecodingError) {
      return try M(serializedBytes: bytes)
    } catch {
      throw failure("the bytes are no \(M.protoName): \(error)")
    }
  }

  /// Paths in lower camel case; one that would not come back the same is refused.
  private mutating func printMask(_ mask: GoogleProtobuf.FieldMask) throws(JSONEncodingError) {
    var paths: [String] = []
    for path in mask.paths {
      let camel = FieldName.lowerCamel(path)
      guard FieldName.lowerSnake(camel) == path else { throw failure("the path \(path) has no form in camel case") }
      paths.append(camel)
    }
    writer.string(paths.joined(separator: ",").utf8)
  }

  private mutating func print(_ object: GoogleProtobuf.Struct) throws(JSONEncodingError) {
    writer.open("{")
    for (name, value) in object.fields.sorted(by: { $0.key < $1.key }) {
      writer.key(name)
      try print(value)
    }
    writer.close("}")
  }

  private mutating func print(_ list: GoogleProtobuf.ListValue) throws(JSONEncodingError) {
    writer.open("[")
    for value in list.values { try print(value) }
    writer.close("]")
  }

  private mutating func print(_ value: GoogleProtobuf.Value) throws(JSONEncodingError) {
    switch value.kind {
    case .nullValue: writer.literal("null")
    case .numberValue(let value):
      guard value.isFinite else { throw failure("a google.protobuf.Value holds no \(value)") }
      number(value)
    case .stringValue(let text): writer.string(text.utf8)
    case .boolValue(let value): writer.literal(value ? "true" : "false")
    case .structValue(let object): try print(object)
    case .listValue(let list): try print(list)
    case nil: throw failure("a google.protobuf.Value holds nothing")
    }
  }

  /// The value alone, which is there even at its default.
  private mutating func printWrapper(_ bytes: UnsafeRawBufferPointer, _ schema: MessageSchema) throws(JSONEncodingError)
  {
    guard let field = schema.fields.first else { throw failure("\(schema.fullName) has no field") }
    try printOnly(field, of: bytes, schema)
  }

  private mutating func printAny(_ any: GoogleProtobuf.`Any`, depth: Int) throws(JSONEncodingError) {
    guard !any.typeUrl.isEmpty else {
      guard any.value.isEmpty else { throw failure("a google.protobuf.Any has a value and names no type") }
      writer.literal("{}")
      return
    }
    guard let schema = pool.messageInAny(any.messageName, options.types) else {
      throw failure("the type \(any.typeUrl) in a google.protobuf.Any is not known")
    }
    writer.open("{")
    writer.key("@type")
    writer.string(any.typeUrl.utf8)
    if schema.wellKnown != nil {
      writer.key("value")
      try print(any.value, as: schema, depth: depth + 1)
    } else {
      guard depth + 1 < Self.maxDepth else { throw failure("messages nest more than \(Self.maxDepth) deep") }
      try any.value.withUnsafeBufferPointer { (bytes) throws(JSONEncodingError) in
        try printFields(UnsafeRawBufferPointer(bytes), schema, depth: depth + 1)
      }
    }
    writer.close("}")
  }
}
