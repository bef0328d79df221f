extension JSONParser {
  mutating func wellKnown(
    _ wellKnown: WellKnown,
    _ schema: MessageSchema,
    into output: inout [UInt8],
    depth: Int
  ) throws(JSONDecodingError) {
    switch wellKnown {
    case .timestamp:
      let text = try string()
      // RFC 3339 takes `t` and `z` as well; this mapping does not.
      guard !text.contains(where: \.isLowercase), let time = GoogleProtobuf.Timestamp(rfc3339: text) else {
        throw failure("“\(text)” is no time such as 2026-01-31T09:30:00Z in the years 1 to 9999")
      }
      output += time.serializedBytes()
    case .duration:
      let text = try string()
      guard let duration = GoogleProtobuf.Duration(text: text) else {
        throw failure("“\(text)” is no duration such as 1.5s of 10 000 years at most")
      }
      output += duration.serializedBytes()
    case .fieldMask: try mask(into: &output)
    case .struct: output += try structValue(depth: depth).serializedBytes(deterministic: true)
    case .value: output += try value(depth: depth).serializedBytes(deterministic: true)
    case .listValue: output += try listValue(depth: depth).serializedBytes(deterministic: true)
    case .wrapper:
      guard let field = schema.fields.first else { throw failure("\(schema.fullName) has no field") }
      try single(field, into: &output, depth: depth)
    case .any: try any(into: &output, depth: depth)
    }
  }

  private mutating func mask(into output: inout [UInt8]) throws(JSONDecodingError) {
    let text = try string()
    guard !text.contains("_") else { throw failure("the paths of a mask are in lower camel case") }
    let paths = text.split(separator: ",", omittingEmptySubsequences: true).map { FieldName.lowerSnake($0) }
    output += GoogleProtobuf.FieldMask(paths: paths).serializedBytes()
  }

  private mutating func structValue(depth: Int) throws(JSONDecodingError) -> GoogleProtobuf.Struct {
    var result = GoogleProtobuf.Struct()
    try object { (parser, name) throws(JSONDecodingError) in
      let value = try parser.value(depth: depth + 1)
      guard result.fields.updateValue(value, forKey: parser.lexer.text(name)) == nil else {
        throw parser.failure("the key is given twice")
      }
    }
    return result
  }

  private mutating func listValue(depth: Int) throws(JSONDecodingError) -> GoogleProtobuf.ListValue {
    var result = GoogleProtobuf.ListValue()
    try array { (parser) throws(JSONDecodingError) in result.values.append(try parser.value(depth: depth + 1)) }
    return result
  }

  private mutating func value(depth: Int) throws(JSONDecodingError) -> GoogleProtobuf.Value {
    guard depth < options.maxDepth else { throw failure("values nest more than \(options.maxDepth) deep") }
    switch try start() {
    case .object: return GoogleProtobuf.Value(kind: .structValue(try structValue(depth: depth)))
    case .array: return GoogleProtobuf.Value(kind: .listValue(try listValue(depth: depth)))
    case .string: return GoogleProtobuf.Value(kind: .stringValue(try string()))
    case .number:
      let text = try lex { (lexer) throws(JSONLexer.Failure) in try lexer.number() }
      guard let number = Double(text), number.isFinite else { throw failure("\(text) is too large") }
      return GoogleProtobuf.Value(kind: .numberValue(number))
    case .literal:
      switch try lex({ (lexer) throws(JSONLexer.Failure) in try lexer.literal() }) {
      case .true: return GoogleProtobuf.Value(kind: .boolValue(true))
      case .false: return GoogleProtobuf.Value(kind: .boolValue(false))
      case .null: return GoogleProtobuf.Value(kind: .nullValue(.nullValue))
      }
    }
  }

  /// `{"@type": …, fields…}`, or `{"@type": …, "value": …}` for a message with a form of its own.
  private mutating func any(into output: inout [UInt8], depth: Int) throws(JSONDecodingError) {
    guard let typeURL = try typeURL() else { return }
    let name = typeURL.split(separator: "/", omittingEmptySubsequences: false)
    guard name.count > 1, let last = name.last, !last.isEmpty else { throw failure("“\(typeURL)” is no type URL") }
    guard let schema = pool.messageInAny(String(last), options.types) else {
      throw failure("the type \(last) in a google.protobuf.Any is not known")
    }
    var body: [UInt8] = []
    // Protobuf's implementations disagree on whether this one has a form of its own; both ways are read.
    let isEmpty = schema.fullName == GoogleProtobuf.Empty.protoName
    if schema.wellKnown != nil || isEmpty {
      var hasValue = false
      try object { (parser, name) throws(JSONDecodingError) in
        let name = parser.lexer.text(name)
        if name == "@type" { return try parser.skip() }
        guard name == "value", !hasValue else { throw parser.failure("only @type and value are expected") }
        hasValue = true
        try parser.message(schema, into: &body, depth: depth + 1)
      }
      guard hasValue || isEmpty else { throw failure("the value of \(last) is missing") }
    } else {
      guard depth + 1 < options.maxDepth else { throw failure("messages nest more than \(options.maxDepth) deep") }
      try fields(schema, into: &body, depth: depth + 1, ignoring: "@type")
    }
    output += GoogleProtobuf.`Any`(typeUrl: typeURL, value: body).serializedBytes()
  }

  /// The type of the object that comes next, which may stand anywhere in it. Nil for an empty one, which is taken.
  private mutating func typeURL() throws(JSONDecodingError) -> String? {
    lexer.skipSpace()
    let start = lexer.position
    var url: String?
    var isEmpty = true
    try object { (parser, name) throws(JSONDecodingError) in
      isEmpty = false
      guard parser.lexer.text(name) == "@type" else { return try parser.skip() }
      guard url == nil else { throw parser.failure("the field is given twice") }
      url = try parser.string()
    }
    if isEmpty { return nil }
    guard let url else { throw failure("@type is missing") }
    lexer.rewind(to: start)
    return url
  }
}
