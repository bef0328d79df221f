/// Finds required fields that are not there.
///
/// The generated properties cannot tell: a required field is a plain value. And protobuf-c could only tell for each part
/// of a sub-message that came in several, which merge here.
@usableFromInline
struct RequiredScan {
  private let bytes: UnsafeRawBufferPointer

  /// - Parameter bytes: What protobuf-c took: every known field has its own wire type, and the depth is bounded.
  @usableFromInline
  static func check(_ bytes: UnsafeRawBufferPointer, as descriptor: MessageDescriptor) throws(MessageDecodingError) {
    try RequiredScan(bytes: bytes).check([0..<bytes.count], as: descriptor)
  }

  /// Checks one message, which may lie in several parts. A map's entry has a value even where none is given.
  private func check(
    _ parts: [Range<Int>],
    as descriptor: MessageDescriptor,
    isEntry: Bool = false
  ) throws(MessageDecodingError) {
    guard descriptor.hasRequired else { return }
    var seen: Set<UInt32> = []
    var subMessages: [UInt32: [Range<Int>]] = [:]
    for part in parts {
      var reader = WireReader(bytes, part)
      while let tag = reader.tag() {
        seen.insert(tag.number)
        guard tag.type == .lengthDelimited else {
          guard case .done = reader.skip(tag.type, number: tag.number, maxDepth: 100) else { break }
          continue
        }
        guard let range = reader.delimited() else { break }
        if descriptor.field(tag.number)?.message?.hasRequired == true {
          subMessages[tag.number, default: []].append(range)
        }
      }
    }
    for index in 0..<descriptor.fieldCount {
      let field = descriptor[index]
      if field.isRequired, !seen.contains(field.number) {
        throw MessageDecodingError(kind: .missingField, path: field.name)
      }
      guard let message = field.message, let parts = subMessages[field.number] ?? (isEntry ? [] : nil) else { continue }
      guard field.isRepeated else {
        try within(field.name) { () throws(MessageDecodingError) in try check(parts, as: message) }
        continue
      }
      for (place, part) in parts.enumerated() {
        try within("\(field.name)[\(place)]") { () throws(MessageDecodingError) in
          try check([part], as: message, isEntry: field.isMap)
        }
      }
    }
  }

  private func within(
    _ field: @autoclosure () -> String,
    _ body: () throws(MessageDecodingError) -> Void
  ) throws(MessageDecodingError) {
    do throws(MessageDecodingError) {
      try body()
    } catch {
      throw error.within(field())
    }
  }
}
