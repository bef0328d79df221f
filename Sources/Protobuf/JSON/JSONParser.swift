/// Reads JSON as messages in wire format, by their schema.
struct JSONParser {
  /// A step on the way to where the parser stands.
  private enum Step {
    case member(JSONLexer.Quoted)
    case element(Int)
  }

  let options: JSONDecodingOptions
  /// The pool that the message belongs to.
  let pool: DescriptorPool
  var lexer: JSONLexer
  /// Where the parser stands in the JSON, for errors.
  private var path: [Step] = []

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
    for step in path {
      switch step {
      case .element(let index): place += "[\(index)]"
      case .member(let name): place += (place.isEmpty ? "" : ".") + lexer.text(name)
      }
    }
    return JSONDecodingError(path: place, offset: lexer.position, reason: reason)
  }

  /// Does something with the lexer, whose errors get their place.
  @inline(__always)
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

  mutating func quoted() throws(JSONDecodingError) -> JSONLexer.Quoted {
    guard try start() == .string else { throw failure("a string is expected") }
    return try lex { (lexer) throws(JSONLexer.Failure) in try lexer.quoted() }
  }

  mutating func string() throws(JSONDecodingError) -> String { lexer.text(try quoted()) }

  mutating func skip() throws(JSONDecodingError) {
    let depth = options.maxDepth
    try lex { (lexer) throws(JSONLexer.Failure) in try lexer.skipValue(maxDepth: depth) }
  }

  /// Calls `member` at the value of each member of an object.
  @inline(__always)
  mutating func object(
    _ member: (inout JSONParser, JSONLexer.Quoted) throws(JSONDecodingError) -> Void
  ) throws(JSONDecodingError) {
    guard try start() == .object else { throw failure("an object is expected") }
    try lex { (lexer) throws(JSONLexer.Failure) in try lexer.expect("{") }
    if lexer.take("}") { return }
    repeat {
      let name = try quoted()
      try lex { (lexer) throws(JSONLexer.Failure) in try lexer.expect(":") }
      path.append(.member(name))
      try member(&self, name)
      path.removeLast()
    } while lexer.take(",")
    try lex { (lexer) throws(JSONLexer.Failure) in try lexer.expect("}") }
  }

  /// Calls `element` at each element of an array.
  @inline(__always)
  mutating func array(_ element: (inout JSONParser) throws(JSONDecodingError) -> Void) throws(JSONDecodingError) {
    guard try start() == .array else { throw failure("an array is expected") }
    try lex { (lexer) throws(JSONLexer.Failure) in try lexer.expect("[") }
    if lexer.take("]") { return }
    var count = 0
    repeat {
      path.append(.element(count))
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
    var seen = SmallSet()
    var given = SmallSet()
    var oneofs = SmallSet()
    // Members mostly come in the order of the fields.
    var next = 0
    try object { (parser, name) throws(JSONDecodingError) in
      if let ignoring, parser.lexer.text(name) == ignoring { return try parser.skip() }
      guard let index = parser.index(of: name, in: schema, from: next) else {
        guard parser.options.ignoresUnknownFields else {
          throw parser.failure("\(schema.fullName) has no field “\(parser.lexer.text(name))”")
        }
        return try parser.skip()
      }
      next = index + 1
      let field = schema.fields[index]
      guard seen.insert(index) else { throw parser.failure("the field is given twice") }
      if !field.takesNull, parser.lexer.takeNull() { return }
      if let oneof = field.oneof, !oneofs.insert(oneof) {
        throw parser.failure("another field of the oneof “\(schema.oneofs[oneof])” is given, too")
      }
      if try parser.field(field, into: &output, depth: depth) { _ = given.insert(index) }
    }
    for index in schema.required where !given.contains(index) {
      throw failure("the required field “\(schema.fields[index].jsonName)” is missing")
    }
  }

  /// The index of the field with this name, which is likely to be at `next` or soon after it.
  private func index(of name: JSONLexer.Quoted, in schema: MessageSchema, from next: Int) -> Int? {
    for index in next..<max(next, min(next + 4, schema.fields.count))
    where lexer.holds(name, schema.fields[index].jsonNameBytes) {
      return index
    }
    return schema.index(named: lexer.text(name))
  }

  /// False if an unknown enum value is passed over.
  private mutating func field(
    _ field: FieldSchema,
    into output: inout [UInt8],
    depth: Int
  ) throws(JSONDecodingError) -> Bool {
    if field.isMap {
      try map(field, into: &output, depth: depth)
    } else if field.isRepeated {
      try array { (parser) throws(JSONDecodingError) in
        try parser.single(field, into: &output, depth: depth)
      }
    } else {
      return try single(field, into: &output, depth: depth)
    }
    return true
  }

  private mutating func map(
    _ field: FieldSchema,
    into output: inout [UInt8],
    depth: Int
  ) throws(JSONDecodingError) {
    guard let entry = field.message, let keyField = entry.fields.first, let valueField = entry.fields.last else {
      throw failure("the type \(field.typeName) is not known")
    }
    // Keys that look the same could not be told apart in a dictionary.
    var keys: Set<String> = []
    try object { (parser, name) throws(JSONDecodingError) in
      let start = output.count
      output.append(tag: field.number, .lengthDelimited)
      let length = output.beginLength()
      let key = try parser.key(name, keyField, into: &output)
      guard keys.insert(key).inserted else { throw parser.failure("the key is given twice") }
      if try parser.single(valueField, into: &output, depth: depth) {
        output.endLength(length)
      } else {
        // An enum value that is passed over takes its key with it.
        output.removeLast(output.count - start)
      }
    }
  }

  /// Writes a key, and returns it as it is written best.
  private func key(
    _ name: JSONLexer.Quoted,
    _ field: FieldSchema,
    into output: inout [UInt8]
  ) throws(JSONDecodingError) -> String {
    let text = lexer.text(name)
    switch field.kind {
    case .string:
      append(field, name, to: &output)
      return text
    case .bool:
      guard text == "true" || text == "false" else { throw failure("the key is neither true nor false") }
      append(field, bits: text == "true" ? 1 : 0, to: &output)
      return text
    default:
      guard let number = JSONNumber(text), let bits = field.kind.bits(of: number) else {
        throw failure("the key is no integer that fits")
      }
      append(field, bits: bits, to: &output)
      return String(bits)
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
    case .message, .group: try subMessage(field, into: &output, depth: depth)
    case .string: append(field, try quoted(), to: &output)
    case .bytes:
      let text = try quoted()
      guard let bytes = lexer.withBytes(text, { Base64.decode($0, alsoURLSafe: true) }) else {
        throw failure("the bytes are not base64")
      }
      append(field, bytes, to: &output)
    case .bool:
      guard try start() == .literal else { throw failure("true or false is expected") }
      switch try lex({ (lexer) throws(JSONLexer.Failure) in try lexer.literal() }) {
      case .true: append(field, bits: 1, to: &output)
      case .false: append(field, bits: 0, to: &output)
      case .null: throw failure("true or false is expected")
      }
    case .enum: return try enumValue(field, into: &output)
    case .double: append(field, bits: try floatingPoint(Double.self).bitPattern, to: &output)
    case .float: append(field, bits: UInt64(try floatingPoint(Float.self).bitPattern), to: &output)
    default:
      if let integer = lexer.plainInteger() {
        guard let bits = field.kind.bits(of: integer) else {
          throw failure("\(integer) is no integer that fits into \(field.kind)")
        }
        append(field, bits: bits, to: &output)
        break
      }
      let text = try numberText()
      guard let number = JSONNumber(text) else { throw failure("an integer is expected, not “\(text)”") }
      guard let bits = field.kind.bits(of: number) else {
        throw failure("\(text) is no integer that fits into \(field.kind)")
      }
      append(field, bits: bits, to: &output)
    }
    return true
  }

  private mutating func subMessage(
    _ field: FieldSchema,
    into output: inout [UInt8],
    depth: Int
  ) throws(JSONDecodingError) {
    guard let schema = field.message else { throw failure("the type \(field.typeName) is not known") }
    if field.kind == .group {
      output.append(tag: field.number, .startGroup)
      try message(schema, into: &output, depth: depth + 1)
      output.append(tag: field.number, .endGroup)
    } else {
      output.append(tag: field.number, .lengthDelimited)
      let length = output.beginLength()
      try message(schema, into: &output, depth: depth + 1)
      output.endLength(length)
    }
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
      guard field.isNullValue, lexer.takeNull() else {
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
      guard JSONNumber(text) != nil else { throw failure("a number is expected, not “\(text)”") }
    }
    guard let value = Value(text) else { throw failure("a number is expected, not “\(text)”") }
    guard value.isFinite else { throw failure("\(text) is too large") }
    return value
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

  private func append(_ field: FieldSchema, _ text: JSONLexer.Quoted, to output: inout [UInt8]) {
    lexer.withBytes(text) { append(field, $0, to: &output) }
  }

  private func append(_ field: FieldSchema, _ bytes: some Collection<UInt8>, to output: inout [UInt8]) {
    if bytes.isEmpty, !field.hasPresence, !field.isRepeated { return }
    output.append(tag: field.number, .lengthDelimited)
    output.append(varint: UInt64(bytes.count))
    output += bytes
  }
}

extension [UInt8] {
  /// Leaves room for a length that is not known yet; what it is the length of follows.
  fileprivate mutating func beginLength() -> Int {
    append(0)
    return count
  }

  fileprivate mutating func endLength(_ start: Int) {
    let length = count - start
    guard length >= 0x80 else {
      self[start - 1] = UInt8(length)
      return
    }
    var varint: [UInt8] = []
    varint.append(varint: UInt64(length))
    replaceSubrange(start - 1..<start, with: varint)
  }
}
