import CProtobufC

/// Rewrites a message, by its descriptor, into what protobuf-c takes, or tells what is wrong with it and where.
///
/// protobuf-c refuses groups, known fields with a foreign wire type and lengths of more than five bytes, all of which
/// are valid; and it cannot tell in which order the members of a oneof came. So unknown fields are handed through as
/// the payload of a carrier field, groups become sub-messages, lengths are written again, and members of a oneof that a
/// later one cleared are left out.
struct Normalizer {
  private let bytes: UnsafeRawBufferPointer
  private let maxDepth: Int
  private let checksText: Bool
  private(set) var output: [UInt8] = []

  init(_ bytes: UnsafeRawBufferPointer, maxDepth: Int, checksText: Bool) {
    self.bytes = bytes
    self.maxDepth = maxDepth
    self.checksText = checksText
    output.reserveCapacity(bytes.count + bytes.count / 4)
  }

  mutating func run(as descriptor: MessageDescriptor) throws(MessageDecodingError) {
    var reader = WireReader(bytes)
    try normalize(&reader, as: descriptor, depth: 0)
  }

  /// One level, up to the end of the bytes or the last tag of the group with this number.
  private mutating func normalize(
    _ reader: inout WireReader,
    as descriptor: MessageDescriptor,
    depth: Int,
    group: UInt32? = nil
  ) throws(MessageDecodingError) {
    let range = reader.position..<reader.end
    let winners = oneofWinners(range, descriptor)
    while !reader.isAtEnd || group != nil {
      let start = reader.position
      guard let tag = reader.tag(), tag.type != .endGroup || tag.number == group else {
        throw MessageDecodingError(kind: .malformed, byteOffset: start)
      }
      if tag.type == .endGroup { return }
      guard let field = descriptor.field(tag.number), field.accepts(tag.type) else {
        try lift(tag, start: start, &reader, depth: depth)
        continue
      }
      let mark = output.count
      do {
        try rewrite(field, tag.type, &reader, depth: depth)
      } catch {
        throw error.within(field.isRepeated ? "\(field.name)[\(index(of: field, at: start, in: range))]" : field.name)
      }
      if let oneof = field.oneof, let winner = winners[oneof], start < winner.runStart {
        output.removeLast(output.count - mark)
      }
    }
  }

  /// Writes one value of a known field.
  private mutating func rewrite(
    _ field: FieldDescriptor,
    _ type: WireType,
    _ reader: inout WireReader,
    depth: Int
  ) throws(MessageDecodingError) {
    let start = reader.position
    let malformed = MessageDecodingError(kind: .malformed, byteOffset: start)
    output.append(tag: field.number, type == .startGroup ? .lengthDelimited : type)
    switch type {
    case .varint:
      guard let value = reader.varint() else { throw malformed }
      output.append(varint: value)
    case .fixed32, .fixed64:
      let size = type == .fixed32 ? 4 : 8
      guard reader.advance(size) else { throw malformed }
      output.append(contentsOf: bytes[start..<start + size])
    case .lengthDelimited:
      guard let range = reader.delimited() else { throw malformed }
      if let message = field.message {
        var inner = WireReader(bytes, range)
        try nest(&inner, as: message, depth: depth + 1)
        return
      }
      if field.isPackable { try checkPacked(field, range) }
      if checksText, field.isText, String(validating: bytes[range], as: UTF8.self) == nil {
        throw MessageDecodingError(kind: .invalidUTF8, byteOffset: range.lowerBound)
      }
      output.append(varint: UInt64(range.count))
      output.append(contentsOf: bytes[range])
    case .startGroup:
      guard let message = field.message else { throw malformed }
      try nest(&reader, as: message, depth: depth + 1, group: field.number)
    case .endGroup: throw malformed
    }
  }

  /// A sub-message behind a length of five bytes always, so that it can be filled in afterwards without moving
  /// anything.
  private mutating func nest(
    _ reader: inout WireReader,
    as descriptor: MessageDescriptor,
    depth: Int,
    group: UInt32? = nil
  ) throws(MessageDecodingError) {
    guard depth <= maxDepth else { throw MessageDecodingError(kind: .tooDeep, byteOffset: reader.position) }
    let lengthAt = output.count
    output.append(contentsOf: [0x80, 0x80, 0x80, 0x80, 0])
    let start = output.count
    try normalize(&reader, as: descriptor, depth: depth, group: group)
    let length = output.count - start
    guard length <= Int(Int32.max) else { throw MessageDecodingError(kind: .budgetExceeded) }
    for place in 0..<5 {
      output[lengthAt + place] = UInt8(truncatingIfNeeded: length >> (7 * place)) & 0x7F | (place < 4 ? 0x80 : 0)
    }
  }

  private func checkPacked(_ field: FieldDescriptor, _ range: Range<Int>) throws(MessageDecodingError) {
    var reader = WireReader(bytes, range)
    while !reader.isAtEnd {
      let start = reader.position
      guard case .done = reader.skip(field.wireType, number: field.number, maxDepth: 0) else {
        throw MessageDecodingError(kind: .malformed, byteOffset: start)
      }
    }
  }

  /// Copies a field that protobuf-c must not look at into a carrier.
  private mutating func lift(
    _ tag: (number: UInt32, type: WireType),
    start: Int,
    _ reader: inout WireReader,
    depth: Int
  ) throws(MessageDecodingError) {
    let valueStart = reader.position
    switch reader.skip(tag.type, number: tag.number, maxDepth: maxDepth - depth) {
    case .done: break
    case .malformed: throw MessageDecodingError(kind: .malformed, byteOffset: start)
    case .tooDeep: throw MessageDecodingError(kind: .tooDeep, byteOffset: start)
    }
    var field: [UInt8] = []
    field.append(tag: tag.number, tag.type)
    field.append(contentsOf: bytes[valueStart..<reader.position])
    output.append(tag: UnknownFields.carrierNumber, .lengthDelimited)
    output.append(varint: UInt64(field.count))
    output.append(contentsOf: field)
  }

  // MARK: looking around

  /// The member of each oneof that came last, and where its uninterrupted run began: all before that is cleared, and
  /// the parts of a message in it merge.
  private func oneofWinners(
    _ range: Range<Int>,
    _ descriptor: MessageDescriptor
  ) -> [Int: (number: UInt32, runStart: Int)] {
    var winners: [Int: (number: UInt32, runStart: Int)] = [:]
    guard (0..<descriptor.fieldCount).contains(where: { descriptor[$0].oneof != nil }) else { return winners }
    forEachField(in: range) { tag, start in
      guard let field = descriptor.field(tag.number), field.accepts(tag.type), let oneof = field.oneof else { return }
      if winners[oneof]?.number != tag.number { winners[oneof] = (tag.number, start) }
    }
    return winners
  }

  /// How many values of the field came before the one at `start`.
  private func index(of field: FieldDescriptor, at start: Int, in range: Range<Int>) -> Int {
    var count = 0
    forEachField(in: range) { tag, at in
      if tag.number == field.number, field.accepts(tag.type), at < start { count += 1 }
    }
    return count
  }

  /// Goes over the fields of one level, up to its end or the first byte that breaks the format.
  private func forEachField(in range: Range<Int>, _ body: ((number: UInt32, type: WireType), Int) -> Void) {
    var reader = WireReader(bytes, range)
    while !reader.isAtEnd {
      let start = reader.position
      guard let tag = reader.tag() else { return }
      guard case .done = reader.skip(tag.type, number: tag.number, maxDepth: maxDepth) else { return }
      body(tag, start)
    }
  }
}

extension FieldDescriptor {
  /// Whether a value with this wire type belongs to the field. Scalars of a list may come one by one or packed.
  func accepts(_ type: WireType) -> Bool {
    type == wireType || (type == .lengthDelimited && isPackable)
  }
}
