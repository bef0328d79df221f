/// Writes the groups of a message, which protobuf-c does not know.
///
/// It packs each of them as a sub-message under a number that no contract can use; here the length in front of it becomes the
/// two tags around it. Only messages that can contain groups pass through here.
struct GroupWriter {
  /// Added to the number of a field: one more bit than field numbers have.
  static let marker: UInt32 = 1 << 29

  /// The message as protobuf-c has packed it.
  private let bytes: UnsafeRawBufferPointer
  private(set) var output: [UInt8] = []

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func write(as descriptor: MessageDescriptor) { write(0..<bytes.count, as: descriptor) }

  private mutating func write(_ range: Range<Int>, as descriptor: MessageDescriptor) {
    var reader = WireReader(bytes, range)
    var copied = range.lowerBound
    while !reader.isAtEnd {
      let start = reader.position
      guard let tag = reader.varint(), let type = WireType(rawValue: UInt8(tag & 7)) else { break }
      let number = UInt32(truncatingIfNeeded: tag >> 3)
      let isGroup = number > WireReader.largestFieldNumber
      let field = descriptor.field(isGroup ? number - Self.marker : number)
      guard type == .lengthDelimited, let field, let message = field.message,
        isGroup || message.hasGroups && !field.isGroup
      else {
        guard case .done = reader.skip(type, number: number, maxDepth: .max) else { break }
        continue
      }
      guard let contents = reader.delimited() else { break }
      output += bytes[copied..<start]
      if isGroup {
        output.append(tag: field.number, .startGroup)
        write(contents, as: message)
        output.append(tag: field.number, .endGroup)
      } else {
        var inner = GroupWriter(bytes)
        inner.write(contents, as: message)
        output.append(tag: number, type)
        output.append(varint: UInt64(inner.output.count))
        output += inner.output
      }
      copied = reader.position
    }
    output += bytes[copied..<range.upperBound]
  }
}
