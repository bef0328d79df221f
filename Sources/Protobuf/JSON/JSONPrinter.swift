/// Writes messages in wire format as JSON, by their schema.
struct JSONPrinter {
  /// A value as it lies in the wire format.
  private struct Record {
    var field: Int
    var type: WireType
    /// Of a varint or fixed value.
    var bits: UInt64
    /// Of a length-delimited value.
    var range: Range<Int>
  }

  let options: JSONEncodingOptions
  /// The pool that the message belongs to.
  let pool: DescriptorPool
  var writer: JSONWriter
  /// Where the printer stands in the message, for errors.
  private var path: [String] = []
  private static let maxDepth = 100

  init(options: JSONEncodingOptions, pool: DescriptorPool) {
    self.options = options
    self.pool = pool
    writer = JSONWriter(isPretty: options.isPretty)
  }

  func failure(_ reason: String) -> JSONEncodingError {
    var place = ""
    for part in path { place += place.isEmpty || part.hasPrefix("[") ? part : ".\(part)" }
    return JSONEncodingError(path: place, reason: reason)
  }

  /// A message; `bytes` hold one or several records of it, which merge.
  mutating func print(_ bytes: [UInt8], as schema: MessageSchema, depth: Int = 0) throws(JSONEncodingError) {
    guard depth < Self.maxDepth else { throw failure("messages nest more than \(Self.maxDepth) deep") }
    if let wellKnown = schema.wellKnown {
      return try print(bytes, as: wellKnown, schema, depth: depth)
    }
    writer.open("{")
    try printFields(bytes, schema, depth: depth)
    writer.close("}")
  }

  mutating func printFields(_ bytes: [UInt8], _ schema: MessageSchema, depth: Int) throws(JSONEncodingError) {
    let records = try records(bytes, schema)
    var start = 0
    for (index, field) in schema.fields.enumerated() {
      var end = start
      while end < records.count, records[end].field == index { end += 1 }
      let own = records[start..<end]
      start = end
      if own.isEmpty {
        if options.alwaysPrintsDefaults, !field.hasPresence { printDefault(field) }
        continue
      }
      path.append(field.jsonName)
      if field.isMap {
        key(field)
        try printMap(bytes, own, field, depth: depth)
      } else if field.isRepeated {
        key(field)
        try printList(bytes, own, field, depth: depth)
      } else if field.kind == .message || field.kind == .group {
        key(field)
        try printMessage(bytes, own, field, depth: depth)
      } else if let last = own.last, field.hasPresence || options.alwaysPrintsDefaults || !isDefault(last) {
        key(field)
        try printScalar(bytes, last, field)
      }
      path.removeLast()
    }
  }

  private mutating func key(_ field: FieldSchema) {
    writer.key(options.preservesProtoFieldNames ? field.name : field.jsonName)
  }

  // MARK: Records

  /// All known records with the wire type of their field, in the order of the fields; of a oneof only the last member.
  private func records(_ bytes: [UInt8], _ schema: MessageSchema) throws(JSONEncodingError) -> [Record] {
    var records: [Record] = []
    var members: [Int: Int] = [:]
    let isWhole = bytes.withUnsafeBytes { buffer in
      var reader = WireReader(buffer)
      while !reader.isAtEnd {
        guard let tag = reader.tag() else { return false }
        guard let index = schema.index(of: tag.number), Self.fits(tag.type, schema.fields[index]) else {
          guard reader.skip(tag.type, number: tag.number, maxDepth: Self.maxDepth) == .done else { return false }
          continue
        }
        var record = Record(field: index, type: tag.type, bits: 0, range: 0..<0)
        switch tag.type {
        case .varint:
          guard let value = reader.varint() else { return false }
          record.bits = value
        case .fixed32:
          let start = reader.position
          guard reader.advance(4) else { return false }
          record.bits = UInt64(UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
        case .fixed64:
          let start = reader.position
          guard reader.advance(8) else { return false }
          record.bits = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        case .lengthDelimited:
          guard let range = reader.delimited() else { return false }
          record.range = range
        case .startGroup, .endGroup:
          let start = reader.position
          guard reader.skip(tag.type, number: tag.number, maxDepth: Self.maxDepth) == .done else { return false }
          // Without the tag that ends it.
          record.range = start..<reader.position - Self.varintBytes(UInt64(tag.number) << 3)
        }
        if let oneof = schema.fields[index].oneof {
          if let other = members[oneof], other != index { records.removeAll { $0.field == other } }
          members[oneof] = index
        }
        records.append(record)
      }
      return true
    }
    guard isWhole else { throw failure("the bytes are no message of type \(schema.fullName)") }
    return records.enumerated().sorted { ($0.element.field, $0.offset) < ($1.element.field, $1.offset) }.map(\.element)
  }

  private static func fits(_ type: WireType, _ field: FieldSchema) -> Bool {
    type == field.kind.wireType || (field.isRepeated && field.kind.isPackable && type == .lengthDelimited)
  }

  private static func varintBytes(_ value: UInt64) -> Int { max(1, (70 - value.leadingZeroBitCount) / 7) }

  private func isDefault(_ record: Record) -> Bool {
    record.type == .lengthDelimited ? record.range.isEmpty : record.bits == 0
  }

  // MARK: Values

  private mutating func printMessage(
    _ bytes: [UInt8],
    _ records: ArraySlice<Record>,
    _ field: FieldSchema,
    depth: Int
  ) throws(JSONEncodingError) {
    guard let message = field.message else { throw failure("the type \(field.typeName) is not known") }
    // What is one after the other merges.
    let own = records.flatMap { bytes[$0.range] }
    try print(own, as: message, depth: depth + 1)
  }

  private mutating func printList(
    _ bytes: [UInt8],
    _ records: ArraySlice<Record>,
    _ field: FieldSchema,
    depth: Int
  ) throws(JSONEncodingError) {
    writer.open("[")
    var count = 0
    for record in records {
      if field.kind.isPackable, record.type == .lengthDelimited {
        for element in try unpack(bytes, record, field) {
          path.append("[\(count)]")
          try printScalar(bytes, element, field)
          path.removeLast()
          count += 1
        }
      } else {
        path.append("[\(count)]")
        if field.kind == .message || field.kind == .group {
          try printMessage(bytes, [record], field, depth: depth)
        } else {
          try printScalar(bytes, record, field)
        }
        path.removeLast()
        count += 1
      }
    }
    writer.close("]")
  }

  private func unpack(_ bytes: [UInt8], _ packed: Record, _ field: FieldSchema) throws(JSONEncodingError) -> [Record] {
    var records: [Record] = []
    let isWhole = bytes.withUnsafeBytes { buffer in
      var reader = WireReader(buffer, packed.range)
      while !reader.isAtEnd {
        var record = Record(field: packed.field, type: field.kind.wireType, bits: 0, range: 0..<0)
        let start = reader.position
        switch record.type {
        case .fixed32:
          guard reader.advance(4) else { return false }
          record.bits = UInt64(UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
        case .fixed64:
          guard reader.advance(8) else { return false }
          record.bits = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        default:
          guard let value = reader.varint() else { return false }
          record.bits = value
        }
        records.append(record)
      }
      return true
    }
    guard isWhole else { throw failure("the bytes of a packed list end within an element") }
    return records
  }

  private mutating func printMap(
    _ bytes: [UInt8],
    _ records: ArraySlice<Record>,
    _ field: FieldSchema,
    depth: Int
  ) throws(JSONEncodingError) {
    guard let entry = field.message, let keyField = entry.fields.first, let valueField = entry.fields.last,
      entry.fields.count == 2
    else { throw failure("the type \(field.typeName) is no entry of a map") }
    // The last of several entries with a key is the one that counts.
    var entries: [String: (bytes: [UInt8], value: [Record])] = [:]
    var order: [String] = []
    for record in records {
      let own = Array(bytes[record.range])
      let parts = try self.records(own, entry)
      let key = try keyText(own, parts.last { $0.field == 0 }, keyField)
      if entries.updateValue((own, parts.filter { $0.field == 1 }), forKey: key) == nil { order.append(key) }
    }
    writer.open("{")
    for key in order {
      guard let (own, value) = entries[key] else { continue }
      writer.key(key)
      path.append("[\"\(key)\"]")
      if valueField.kind == .message {
        try printMessage(own, value[...], valueField, depth: depth)
      } else if let last = value.last {
        try printScalar(own, last, valueField)
      } else {
        printDefaultValue(valueField)
      }
      path.removeLast()
    }
    writer.close("}")
  }

  private func keyText(_ bytes: [UInt8], _ record: Record?, _ field: FieldSchema) throws(JSONEncodingError) -> String {
    guard let record else { return field.kind == .string ? "" : field.kind == .bool ? "false" : "0" }
    switch field.kind {
    case .string: return try text(bytes, record)
    case .bool: return record.bits != 0 ? "true" : "false"
    default: return integerText(record.bits, field.kind)
    }
  }

  /// The value of a message's only field, or its default.
  mutating func printOnly(
    _ field: FieldSchema,
    of bytes: [UInt8],
    _ schema: MessageSchema
  ) throws(JSONEncodingError) {
    if let last = try records(bytes, schema).last {
      try printScalar(bytes, last, field)
    } else {
      printDefaultValue(field)
    }
  }

  private mutating func printScalar(
    _ bytes: [UInt8],
    _ record: Record,
    _ field: FieldSchema
  ) throws(JSONEncodingError) {
    switch field.kind {
    case .double: number(Double(bitPattern: record.bits))
    case .float: number(Float(bitPattern: UInt32(truncatingIfNeeded: record.bits)))
    case .int64, .uint64, .sint64, .fixed64, .sfixed64: writer.string(integerText(record.bits, field.kind).utf8)
    case .int32, .uint32, .sint32, .fixed32, .sfixed32: writer.literal(integerText(record.bits, field.kind))
    case .bool: writer.literal(record.bits != 0 ? "true" : "false")
    case .string: writer.string(try text(bytes, record).utf8)
    case .bytes: writer.string(Base64.encode(bytes[record.range], padded: true))
    case .enum: printEnum(Int32(truncatingIfNeeded: record.bits), field)
    case .message, .group: break
    }
  }

  private mutating func printEnum(_ number: Int32, _ field: FieldSchema) {
    if field.typeName == "google.protobuf.NullValue" {
      writer.literal("null")
    } else if !options.printsEnumsAsIntegers, let name = field.enum?.name(of: number) {
      writer.string(name.utf8)
    } else {
      writer.literal(String(number))
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

  private func text(_ bytes: [UInt8], _ record: Record) throws(JSONEncodingError) -> String {
    guard let text = String(validating: bytes[record.range], as: UTF8.self) else {
      throw failure("the text is not UTF-8")
    }
    return text
  }

  private func integerText(_ bits: UInt64, _ kind: FieldSchema.Kind) -> String {
    switch kind {
    case .int32, .sfixed32: String(Int32(truncatingIfNeeded: bits))
    case .uint32, .fixed32: String(UInt32(truncatingIfNeeded: bits))
    case .sint32:
      String(Int32(bitPattern: UInt32(truncatingIfNeeded: bits) >> 1) ^ -Int32(truncatingIfNeeded: bits & 1))
    case .sint64: String(Int64(bitPattern: bits >> 1) ^ -Int64(bits & 1))
    case .uint64, .fixed64: String(bits)
    default: String(Int64(bitPattern: bits))
    }
  }

  // MARK: Defaults

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
    case .int64, .uint64, .sint64, .fixed64, .sfixed64: writer.string("0".utf8)
    case .int32, .uint32, .sint32, .fixed32, .sfixed32: writer.literal("0")
    case .bool: writer.literal("false")
    case .string, .bytes: writer.string("".utf8)
    case .enum: printEnum(0, field)
    case .message, .group: writer.literal("{}")
    }
  }
}
