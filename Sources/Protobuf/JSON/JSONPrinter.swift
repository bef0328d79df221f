/// Writes messages in wire format as JSON, by their schema.
struct JSONPrinter {
  /// A step on the way to where the printer stands.
  private enum Step {
    case field(FieldSchema)
    case element(Int)
    case key([UInt8])
  }

  let options: JSONEncodingOptions
  /// The pool that the message belongs to.
  let pool: DescriptorPool
  var writer: JSONWriter
  /// Where the printer stands in the message, for errors.
  private var path: [Step] = []
  static let maxDepth = 100

  init(options: JSONEncodingOptions, pool: DescriptorPool) {
    self.options = options
    self.pool = pool
    writer = JSONWriter(isPretty: options.isPretty)
  }

  func failure(_ reason: String) -> JSONEncodingError {
    var place = ""
    for step in path {
      switch step {
      case .field(let field): place += (place.isEmpty ? "" : ".") + field.jsonName
      case .element(let index): place += "[\(index)]"
      case .key(let key): place += "[\"\(String(decoding: key, as: UTF8.self))\"]"
      }
    }
    return JSONEncodingError(path: place, reason: reason)
  }

  /// A message.
  mutating func print(_ bytes: [UInt8], as schema: MessageSchema, depth: Int = 0) throws(JSONEncodingError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(JSONEncodingError) in
      try print(UnsafeRawBufferPointer(bytes), as: schema, depth: depth)
    }
  }

  mutating func print(
    _ bytes: UnsafeRawBufferPointer,
    as schema: MessageSchema,
    depth: Int
  ) throws(JSONEncodingError) {
    guard depth < Self.maxDepth else { throw failure("messages nest more than \(Self.maxDepth) deep") }
    if let wellKnown = schema.wellKnown {
      return try print(bytes, as: wellKnown, schema, depth: depth)
    }
    writer.open("{")
    try printFields(bytes, schema, depth: depth)
    writer.close("}")
  }

  mutating func printFields(
    _ bytes: UnsafeRawBufferPointer,
    _ schema: MessageSchema,
    depth: Int
  ) throws(JSONEncodingError) {
    let records = try records(bytes, schema)
    var start = 0
    var nextDefault = 0
    while start < records.count {
      let index = records[start].field
      var end = start + 1
      while end < records.count, records[end].field == index { end += 1 }
      printDefaults(schema, nextDefault..<index)
      nextDefault = index + 1
      let field = schema.fields[index]
      path.append(.field(field))
      try printField(field, records[start..<end], depth: depth)
      path.removeLast()
      start = end
    }
    printDefaults(schema, nextDefault..<schema.fields.count)
  }

  private mutating func printField(
    _ field: FieldSchema,
    _ records: ArraySlice<WireRecord>,
    depth: Int
  ) throws(JSONEncodingError) {
    if field.isMap {
      key(field)
      try printMap(records, field, depth: depth)
    } else if field.isRepeated {
      key(field)
      try printList(records, field, depth: depth)
    } else if field.kind == .message || field.kind == .group {
      key(field)
      try printMessage(records, field, depth: depth)
    } else if let last = records.last, field.hasPresence || options.alwaysPrintsDefaults || !last.isDefault {
      key(field)
      try printScalar(last, field)
    }
  }

  private mutating func key(_ field: FieldSchema) {
    writer.key(quoted: options.preservesProtoFieldNames ? field.nameKey : field.jsonKey)
  }

  // MARK: Values

  private func records(
    _ bytes: UnsafeRawBufferPointer,
    _ schema: MessageSchema
  ) throws(JSONEncodingError) -> [WireRecord] {
    guard let records = WireRecord.all(in: bytes, schema) else {
      throw failure("the bytes are no message of type \(schema.fullName)")
    }
    return records
  }

  private mutating func printMessage(
    _ records: ArraySlice<WireRecord>,
    _ field: FieldSchema,
    depth: Int
  ) throws(JSONEncodingError) {
    guard let message = field.message else { throw failure("the type \(field.typeName) is not known") }
    if records.count == 1, let only = records.first {
      try print(only.bytes, as: message, depth: depth + 1)
    } else {
      // What is one after the other merges.
      try print(records.flatMap { Array($0.bytes) }, as: message, depth: depth + 1)
    }
  }

  private mutating func printList(
    _ records: ArraySlice<WireRecord>,
    _ field: FieldSchema,
    depth: Int
  ) throws(JSONEncodingError) {
    writer.open("[")
    var count = 0
    for record in records {
      if field.kind.isPackable, record.type == .lengthDelimited {
        guard let elements = record.unpacked(field) else {
          throw failure("the bytes of a packed list end within an element")
        }
        for element in elements { try printElement(element, field, &count, depth: depth) }
      } else {
        try printElement(record, field, &count, depth: depth)
      }
    }
    writer.close("]")
  }

  private mutating func printElement(
    _ record: WireRecord,
    _ field: FieldSchema,
    _ count: inout Int,
    depth: Int
  ) throws(JSONEncodingError) {
    path.append(.element(count))
    if let message = field.message {
      try print(record.bytes, as: message, depth: depth + 1)
    } else {
      try printScalar(record, field)
    }
    path.removeLast()
    count += 1
  }

  private mutating func printMap(
    _ records: ArraySlice<WireRecord>,
    _ field: FieldSchema,
    depth: Int
  ) throws(JSONEncodingError) {
    guard let entry = field.message, let keyField = entry.fields.first, let valueField = entry.fields.last,
      entry.fields.count == 2
    else { throw failure("the type \(field.typeName) is no entry of a map") }
    // The last of several entries with a key is the one that counts. Bytes, since strings are equal that look the same.
    var places: [[UInt8]: Int] = [:]
    var entries: [(key: [UInt8], value: [WireRecord])] = []
    for record in records {
      let parts = try self.records(record.bytes, entry)
      let key = try keyText(parts.last { $0.field == 0 }, keyField)
      let value = parts.filter { $0.field == 1 }
      if let place = places[key] {
        entries[place].value = value
      } else {
        places[key] = entries.count
        entries.append((key, value))
      }
    }
    writer.open("{")
    for (key, value) in entries {
      writer.key(String(decoding: key, as: UTF8.self))
      path.append(.key(key))
      if valueField.kind == .message {
        try printMessage(value[...], valueField, depth: depth)
      } else if let last = value.last {
        try printScalar(last, valueField)
      } else {
        printDefaultValue(valueField)
      }
      path.removeLast()
    }
    writer.close("}")
  }

  private func keyText(_ record: WireRecord?, _ field: FieldSchema) throws(JSONEncodingError) -> [UInt8] {
    guard let record else { return Array((field.kind == .string ? "" : field.kind == .bool ? "false" : "0").utf8) }
    switch field.kind {
    case .string: return Array(try text(record))
    case .bool: return Array((record.bits != 0 ? "true" : "false").utf8)
    case .uint32, .fixed32, .uint64, .fixed64: return Array(String(record.unsigned(field.kind)).utf8)
    default: return Array(String(record.signed(field.kind)).utf8)
    }
  }

  /// The value of a message's only field, or its default.
  mutating func printOnly(
    _ field: FieldSchema,
    of bytes: UnsafeRawBufferPointer,
    _ schema: MessageSchema
  ) throws(JSONEncodingError) {
    if let last = try records(bytes, schema).last {
      try printScalar(last, field)
    } else {
      printDefaultValue(field)
    }
  }

  private mutating func printScalar(_ record: WireRecord, _ field: FieldSchema) throws(JSONEncodingError) {
    switch field.kind {
    case .double: number(Double(bitPattern: record.bits))
    case .float: number(Float(bitPattern: UInt32(truncatingIfNeeded: record.bits)))
    case .int64, .sint64, .sfixed64: writer.quotedInteger(record.signed(field.kind))
    case .uint64, .fixed64: writer.quotedInteger(record.unsigned(field.kind))
    case .int32, .sint32, .sfixed32: writer.integer(record.signed(field.kind))
    case .uint32, .fixed32: writer.integer(record.unsigned(field.kind))
    case .bool: writer.literal(record.bits != 0 ? "true" : "false")
    case .string: writer.string(try text(record))
    case .bytes: writer.string(Base64.encode(record.bytes, padded: true))
    case .enum: printEnum(Int32(truncatingIfNeeded: record.bits), field)
    case .message, .group: break
    }
  }

  private mutating func printEnum(_ number: Int32, _ field: FieldSchema) {
    if field.isNullValue {
      writer.literal("null")
    } else if !options.printsEnumsAsIntegers, let name = field.enum?.name(of: number) {
      writer.string(name.utf8)
    } else {
      writer.integer(number)
    }
  }

  /// JSON has no text for what is no number.
  mutating func number(_ value: some BinaryFloatingPoint & CustomStringConvertible) {
    if value.isNaN {
      writer.string("NaN".utf8)
    } else if value.isInfinite {
      writer.string((value < 0 ? "-Infinity" : "Infinity").utf8)
    } else {
      writer.literal(value.description)
    }
  }

  /// The bytes of a text, once it is known that they are one.
  private func text(_ record: WireRecord) throws(JSONEncodingError) -> UnsafeRawBufferPointer {
    guard record.isUTF8 else { throw failure("the text is not UTF-8") }
    return record.bytes
  }

  // MARK: Defaults

  /// The fields that no record is of, if they are to be written nevertheless.
  private mutating func printDefaults(_ schema: MessageSchema, _ indices: Range<Int>) {
    guard options.alwaysPrintsDefaults else { return }
    for index in indices {
      let field = schema.fields[index]
      if !field.hasPresence, !field.isExtension { printDefault(field) }
    }
  }

  private mutating func printDefault(_ field: FieldSchema) {
    key(field)
    if field.isRepeated {
      writer.open(field.isMap ? "{" : "[")
      writer.close(field.isMap ? "}" : "]")
    } else {
      printDefaultValue(field)
    }
  }

  mutating func printDefaultValue(_ field: FieldSchema) {
    switch field.kind {
    case .double, .float: writer.literal("0.0")
    case .int64, .uint64, .sint64, .fixed64, .sfixed64: writer.quotedInteger(0)
    case .int32, .uint32, .sint32, .fixed32, .sfixed32: writer.integer(0)
    case .bool: writer.literal("false")
    case .string, .bytes: writer.string("".utf8)
    case .enum: printEnum(0, field)
    case .message, .group: writer.literal("{}")
    }
  }
}
