/// Reads JSON as messages in wire format, by their schema.
struct JSONParser {
  let options: JSONDecodingOptions
  /// The pool that the message belongs to.
  let pool: DescriptorPool
  var lexer: JSONLexer
  /// Where the parser stands in the JSON, for errors.
  var path: [String] = []

  init(_ bytes: [UInt8], options: JSONDecodingOptions, pool: DescriptorPool) {
    lexer = JSONLexer(bytes)
    self.options = options
    self.pool = pool
  }

  /// The only value of the text, as a message.
  mutating func parse(_ schema: MessageSchema) throws(JSONDecodingError) -> [UInt8] {
    var output: [UInt8] = []
    try message(schema, into: &output, depth: 0)
    lexer.skipSpace()
    guard lexer.isAtEnd else { throw failure("something follows the message") }
    return output
  }

  func failure(_ reason: String) -> JSONDecodingError {
    var place = ""
    for part in path { place += place.isEmpty || part.hasPrefix("[") ? part : ".\(part)" }
    return JSONDecodingError(path: place, offset: lexer.position, reason: reason)
  }

  /// Does something with the lexer, whose errors get their place.
  mutating func lex<R>(_ body: (inout JSONLexer) throws(JSONLexer.Failure) -> R) throws(JSONDecodingError) -> R {
    do throws(JSONLexer.Failure) {
      return try body(&lexer)
    } catch {
      throw failure(error.reason)
    }
  }

  mutating func start() throws(JSONDecodingError) -> JSONLexer.Start {
    try lex { (lexer) throws(JSONLexer.Failure) in try lexer.start() }
  }

  mutating func string() throws(JSONDecodingError) -> String {
    guard try start() == .string else { throw failure("a string is expected") }
    return try lex { (lexer) throws(JSONLexer.Failure) in try lexer.string() }
  }

  /// Whether `null` comes next; it is taken then.
  mutating func takeNull() throws(JSONDecodingError) -> Bool {
    guard try start() == .literal else { return false }
    var ahead = lexer
    guard (try? ahead.literal()) == "null" else { return false }
    lexer = ahead
    return true
  }

  /// Calls `member` at the value of each member of an object.
  mutating func object(
    _ member: (inout JSONParser, String) throws(JSONDecodingError) -> Void
  ) throws(JSONDecodingError) {
    guard try start() == .object else { throw failure("an object is expected") }
    try lex { (lexer) throws(JSONLexer.Failure) in try lexer.expect("{") }
    if lexer.take("}") { return }
    repeat {
      let name = try string()
      try lex { (lexer) throws(JSONLexer.Failure) in try lexer.expect(":") }
      path.append(name)
      try member(&self, name)
      path.removeLast()
    } while lexer.take(",")
    try lex { (lexer) throws(JSONLexer.Failure) in try lexer.expect("}") }
  }

  /// Calls `element` at each element of an array.
  mutating func array(_ element: (inout JSONParser) throws(JSONDecodingError) -> Void) throws(JSONDecodingError) {
    guard try start() == .array else { throw failure("an array is expected") }
    try lex { (lexer) throws(JSONLexer.Failure) in try lexer.expect("[") }
    if lexer.take("]") { return }
    var count = 0
    repeat {
      path.append("[\(count)]")
      try element(&self)
      path.removeLast()
      count += 1
    } while lexer.take(",")
    try lex { (lexer) throws(JSONLexer.Failure) in try lexer.expect("]") }
  }

  // MARK: Messages

  mutating func message(
    _ schema: MessageSchema,
    into output: inout [UInt8],
    depth: Int
  ) throws(JSONDecodingError) {
    guard depth < options.maxDepth else { throw failure("messages nest more than \(options.maxDepth) deep") }
    if let wellKnown = schema.wellKnown {
      try self.wellKnown(wellKnown, schema, into: &output, depth: depth)
    } else {
      try fields(schema, into: &output, depth: depth)
    }
  }

  /// An object's members as fields. `ignoring` is a member that is none.
  mutating func fields(
    _ schema: MessageSchema,
    into output: inout [UInt8],
    depth: Int,
    ignoring: String? = nil
  ) throws(JSONDecodingError) {
    var seen: Set<UInt32> = []
    var oneofs: Set<Int> = []
    var body: [UInt8] = []
    try object { (parser, name) throws(JSONDecodingError) in
      guard name != ignoring else { return try parser.skip() }
      guard let index = schema.index(named: name) else {
        guard parser.options.ignoresUnknownFields else {
          throw parser.failure("\(schema.fullName) has no field “\(name)”")
        }
        return try parser.skip()
      }
      let field = schema.fields[index]
      guard seen.insert(field.number).inserted else { throw parser.failure("the field is given twice") }
      if !parser.takesNull(field), try parser.takeNull() { return }
      if let oneof = field.oneof, !oneofs.insert(oneof).inserted {
        throw parser.failure("another field of the oneof “\(schema.oneofs[oneof])” is given, too")
      }
      try parser.field(field, into: &body, depth: depth)
    }
    output += body
  }

  mutating func skip() throws(JSONDecodingError) {
    let depth = options.maxDepth
    try lex { (lexer) throws(JSONLexer.Failure) in try lexer.skipValue(maxDepth: depth) }
  }

  /// Whether `null` is a value of the field, and does not mean that there is none.
  private func takesNull(_ field: FieldSchema) -> Bool {
    !field.isRepeated
      && (field.typeName == "google.protobuf.Value" || field.typeName == "google.protobuf.NullValue")
  }

  private mutating func field(
    _ field: FieldSchema,
    into output: inout [UInt8],
    depth: Int
  ) throws(JSONDecodingError) {
    if field.isMap {
      try map(field, into: &output, depth: depth)
    } else if field.isRepeated {
      var body: [UInt8] = []
      try array { (parser) throws(JSONDecodingError) in
        try parser.single(field, into: &body, depth: depth)
      }
      output += body
    } else {
      try single(field, into: &output, depth: depth)
    }
  }

  private mutating func map(
    _ field: FieldSchema,
    into output: inout [UInt8],
    depth: Int
  ) throws(JSONDecodingError) {
    guard let entry = field.message, let keyField = entry.fields.first, let valueField = entry.fields.last else {
      throw failure("the type \(field.typeName) is not known")
    }
    var keys: Set<String> = []
    var body: [UInt8] = []
    try object { (parser, name) throws(JSONDecodingError) in
      guard keys.insert(name).inserted else { throw parser.failure("the key is given twice") }
      var one: [UInt8] = []
      try parser.key(name, keyField, into: &one)
      // An enum value that is passed over takes its key with it.
      guard try parser.single(valueField, into: &one, depth: depth) else { return }
      body.append(tag: field.number, .lengthDelimited)
      body.append(varint: UInt64(one.count))
      body += one
    }
    output += body
  }

  private func key(_ text: String, _ field: FieldSchema, into output: inout [UInt8]) throws(JSONDecodingError) {
    switch field.kind {
    case .string: append(field, Array(text.utf8), to: &output)
    case .bool:
      guard text == "true" || text == "false" else { throw failure("the key is neither true nor false") }
      append(field, bits: text == "true" ? 1 : 0, to: &output)
    default:
      guard let number = JSONNumber(text), let bits = bits(of: number, field.kind) else {
        throw failure("the key is no integer that fits")
      }
      append(field, bits: bits, to: &output)
    }
  }

  /// One value with its tag. False for an unknown enum value that is to be passed over.
  @discardableResult
  mutating func single(
    _ field: FieldSchema,
    into output: inout [UInt8],
    depth: Int
  ) throws(JSONDecodingError) -> Bool {
    switch field.kind {
    case .message, .group:
      guard let schema = field.message else { throw failure("the type \(field.typeName) is not known") }
      var body: [UInt8] = []
      try message(schema, into: &body, depth: depth + 1)
      if field.kind == .group {
        output.append(tag: field.number, .startGroup)
        output += body
        output.append(tag: field.number, .endGroup)
      } else {
        append(field, body, to: &output)
      }
    case .string: append(field, Array(try string().utf8), to: &output)
    case .bytes:
      guard let bytes = Base64.decode(try string().utf8, alsoURLSafe: true) else {
        throw failure("the bytes are not base64")
      }
      append(field, bytes, to: &output)
    case .bool:
      let word = try start() == .literal ? try lex { (lexer) throws(JSONLexer.Failure) in try lexer.literal() } : ""
      guard word == "true" || word == "false" else { throw failure("true or false is expected") }
      append(field, bits: word == "true" ? 1 : 0, to: &output)
    case .enum: return try enumValue(field, into: &output)
    case .double: append(field, bits: try floatingPoint(Double.self).bitPattern, to: &output)
    case .float: append(field, bits: UInt64(try floatingPoint(Float.self).bitPattern), to: &output)
    default:
      let text = try numberText()
      guard let number = JSONNumber(text) else { throw failure("an integer is expected, not “\(text)”") }
      guard let bits = bits(of: number, field.kind) else {
        throw failure("\(text) is no integer that fits into \(field.kind)")
      }
      append(field, bits: bits, to: &output)
    }
    return true
  }

  private mutating func enumValue(
    _ field: FieldSchema,
    into output: inout [UInt8]
  ) throws(JSONDecodingError) -> Bool {
    let number: Int32
    switch try start() {
    case .string:
      let name = try string()
      guard let known = field.enum?.number(of: name) else {
        if options.ignoresUnknownFields { return false }
        throw failure("the enum \(field.typeName) has no value “\(name)”")
      }
      number = known
    case .number:
      let text = try numberText()
      guard let value = JSONNumber(text)?.integer(Int32.self) else { throw failure("\(text) is no enum value") }
      number = value
    default:
      guard field.typeName == "google.protobuf.NullValue", try takeNull() else {
        throw failure("the name or the number of an enum value is expected")
      }
      number = 0
    }
    append(field, bits: UInt64(bitPattern: Int64(number)), to: &output)
    return true
  }

  // MARK: Numbers

  /// A number, or a string that holds one.
  private mutating func numberText() throws(JSONDecodingError) -> String {
    switch try start() {
    case .number: return try lex { (lexer) throws(JSONLexer.Failure) in try lexer.number() }
    case .string: return try string()
    default: throw failure("a number is expected")
    }
  }

  private mutating func floatingPoint<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ type: Value.Type
  ) throws(JSONDecodingError) -> Value {
    let isQuoted = try start() == .string
    let text = try numberText()
    if isQuoted {
      switch text {
      case "NaN": return .nan
      case "Infinity": return .infinity
      case "-Infinity": return -.infinity
      default: break
      }
    }
    guard JSONNumber(text) != nil, let value = Value(text) else { throw failure("a number is expected, not “\(text)”") }
    guard value.isFinite else { throw failure("\(text) is too large") }
    return value
  }

  private func bits(of number: JSONNumber, _ kind: FieldSchema.Kind) -> UInt64? {
    switch kind {
    case .int32: number.integer(Int32.self).map { UInt64(bitPattern: Int64($0)) }
    case .sfixed32: number.integer(Int32.self).map { UInt64(UInt32(bitPattern: $0)) }
    case .sint32: number.integer(Int32.self).map { UInt64(UInt32(bitPattern: $0 << 1 ^ $0 >> 31)) }
    case .int64, .sfixed64: number.integer(Int64.self).map { UInt64(bitPattern: $0) }
    case .sint64: number.integer(Int64.self).map { UInt64(bitPattern: $0 << 1 ^ $0 >> 63) }
    case .uint32, .fixed32: number.integer(UInt32.self).map { UInt64($0) }
    case .uint64, .fixed64: number.integer(UInt64.self)
    default: nil
    }
  }

  // MARK: Wire

  /// A default is left out where that says the same.
  private func append(_ field: FieldSchema, bits: UInt64, to output: inout [UInt8]) {
    if bits == 0, !field.hasPresence, !field.isRepeated { return }
    output.append(tag: field.number, field.kind.wireType)
    switch field.kind.wireType {
    case .fixed32: withUnsafeBytes(of: UInt32(truncatingIfNeeded: bits).littleEndian) { output += $0 }
    case .fixed64: withUnsafeBytes(of: bits.littleEndian) { output += $0 }
    default: output.append(varint: bits)
    }
  }

  private func append(_ field: FieldSchema, _ bytes: [UInt8], to output: inout [UInt8]) {
    if bytes.isEmpty, !field.hasPresence, !field.isRepeated { return }
    output.append(tag: field.number, .lengthDelimited)
    output.append(varint: UInt64(bytes.count))
    output += bytes
  }
}
