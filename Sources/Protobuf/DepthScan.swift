/// Bounds how deep protobuf-c will recurse, before it does.
enum DepthScan {
  /// Whether sub-messages nest `maxDepth` levels at most. Also false if that cannot be told because the bytes break the
  /// format or hold groups: what the scan cannot follow must not be left to protobuf-c either.
  static func isShallow(_ bytes: UnsafeRawBufferPointer, as descriptor: MessageDescriptor, maxDepth: Int) -> Bool {
    var reader = WireReader(bytes)
    var descriptor = descriptor
    var outer: [(reader: WireReader, descriptor: MessageDescriptor)] = []
    while true {
      if reader.isAtEnd {
        guard let next = outer.popLast() else { return true }
        (reader, descriptor) = next
        continue
      }
      guard let tag = reader.tag() else { return false }
      guard tag.type == .lengthDelimited else {
        guard tag.type != .startGroup, case .done = reader.skip(tag.type, number: tag.number, maxDepth: 0) else {
          return false
        }
        continue
      }
      guard let range = reader.delimited() else { return false }
      guard let field = descriptor.field(tag.number), let inner = field.message else { continue }
      // Behind a length it is an unknown field, which protobuf-c would take for the group.
      guard !field.isGroup else { return false }
      guard outer.count < maxDepth else { return false }
      outer.append((reader, descriptor))
      reader = WireReader(bytes, range)
      descriptor = inner
    }
  }
}
