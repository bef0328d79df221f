/// A value of a known field as it lies in the wire format. It refers to the bytes that it was read from.
struct WireRecord {
  /// The index of the field in its schema.
  var field: Int
  var type: WireType
  /// Of a varint or fixed value.
  var bits: UInt64 = 0
  /// Of a length-delimited value or a group.
  var bytes = UnsafeRawBufferPointer(start: nil, count: 0)

  var isDefault: Bool { type == .lengthDelimited ? bytes.isEmpty : bits == 0 }

  var isUTF8: Bool {
    bytes.withMemoryRebound(to: UInt8.self) { (try? UTF8Span(validating: $0.span)) != nil }
  }

  func signed(_ kind: FieldSchema.Kind) -> Int64 {
    switch kind {
    case .int32, .sfixed32: Int64(Int32(truncatingIfNeeded: bits))
    case .sint32: Int64(Int32(bitPattern: UInt32(truncatingIfNeeded: bits) >> 1) ^ -Int32(truncatingIfNeeded: bits & 1))
    case .sint64: Int64(bitPattern: bits >> 1) ^ -Int64(bits & 1)
    default: Int64(bitPattern: bits)
    }
  }

  func unsigned(_ kind: FieldSchema.Kind) -> UInt64 {
    kind == .uint32 || kind == .fixed32 ? UInt64(UInt32(truncatingIfNeeded: bits)) : bits
  }

  /// All records with the wire type of their field, in the order of the fields; of a oneof only what its last member left
  /// there. Nil if the bytes break the format.
  static func all(in bytes: UnsafeRawBufferPointer, _ schema: MessageSchema) -> [WireRecord]? {
    var records: [WireRecord] = []
    records.reserveCapacity(schema.fields.count)
    var reader = WireReader(bytes)
    var isSorted = true
    var last = 0
    var members = OneofMembers()
    while !reader.isAtEnd {
      guard let tag = reader.tag() else { return nil }
      // Fields mostly come in the order of their numbers, and lists one element after the other.
      guard let index = schema.index(of: tag.number, hint: last), fits(tag.type, schema.fields[index]) else {
        guard case .done = reader.skip(tag.type, number: tag.number, maxDepth: JSONPrinter.maxDepth) else { return nil }
        continue
      }
      if index < last { isSorted = false }
      last = index
      if let oneof = schema.fields[index].oneof { members.note(index, of: oneof, at: records.count) }
      guard let record = read(&reader, tag, index) else { return nil }
      records.append(record)
    }
    if members.areCrowded {
      records = records.enumerated().filter { members.keep($0.element.field, at: $0.offset, schema) }.map(\.element)
    }
    guard !isSorted else { return records }
    return records.enumerated().sorted { ($0.element.field, $0.offset) < ($1.element.field, $1.offset) }.map(\.element)
  }

  private static func fits(_ type: WireType, _ field: FieldSchema) -> Bool {
    type == field.kind.wireType || (field.isRepeated && field.kind.isPackable && type == .lengthDelimited)
  }

  private static func read(
    _ reader: inout WireReader,
    _ tag: (number: UInt32, type: WireType),
    _ field: Int
  ) -> WireRecord? {
    if tag.type == .startGroup {
      var range = 0..<0
      guard case .done = reader.skipGroup(tag.number, maxDepth: JSONPrinter.maxDepth, &range) else { return nil }
      return WireRecord(field: field, type: tag.type, bytes: UnsafeRawBufferPointer(rebasing: reader.bytes[range]))
    }
    return value(&reader, tag.type, field)
  }

  private static func value(_ reader: inout WireReader, _ type: WireType, _ field: Int) -> WireRecord? {
    var record = WireRecord(field: field, type: type)
    let start = reader.position
    switch type {
    case .varint:
      guard let value = reader.varint() else { return nil }
      record.bits = value
    case .fixed32:
      guard reader.advance(4) else { return nil }
      record.bits = UInt64(UInt32(littleEndian: reader.bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
    case .fixed64:
      guard reader.advance(8) else { return nil }
      record.bits = UInt64(littleEndian: reader.bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
    case .lengthDelimited:
      guard let range = reader.delimited() else { return nil }
      record.bytes = UnsafeRawBufferPointer(rebasing: reader.bytes[range])
    case .startGroup, .endGroup: return nil
    }
    return record
  }

  /// The elements of a packed list; nil if it ends within one.
  func unpacked(_ field: FieldSchema) -> [WireRecord]? {
    var records: [WireRecord] = []
    var reader = WireReader(bytes)
    while !reader.isAtEnd {
      guard let record = Self.value(&reader, field.kind.wireType, self.field) else { return nil }
      records.append(record)
    }
    return records
  }
}

/// Which member of each oneof came last, and where its uninterrupted run began: what stands before that is cleared.
private struct OneofMembers {
  private var last: [Int: (member: Int, start: Int)] = [:]
  /// Whether several members of a oneof were given.
  private(set) var areCrowded = false

  mutating func note(_ member: Int, of oneof: Int, at place: Int) {
    if let known = last[oneof] {
      if known.member == member { return }
      areCrowded = true
    }
    last[oneof] = (member, place)
  }

  func keep(_ field: Int, at place: Int, _ schema: MessageSchema) -> Bool {
    guard let oneof = schema.fields[field].oneof, let known = last[oneof] else { return true }
    return known.member == field && place >= known.start
  }
}
