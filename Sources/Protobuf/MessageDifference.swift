extension Message {
  /// The path, by proto field names, of the first field in which the messages differ, such as `amount.minor_units`,
  /// `schedule[2].due_date` or `labels["region"]`. Nil if they are the same to the last bit.
  public func firstDifference(from other: Self) -> String? {
    withSerializedBytes(deterministic: true) { left in
      other.withSerializedBytes(deterministic: true) { right in
        Difference.path(left, right, Self._descriptor)
      }
    }
  }
}

/// Compares two messages in deterministic wire format, where fields come in the order of their numbers and unknown ones
/// after them.
private enum Difference {
  private struct Field {
    let number: UInt32
    /// The tag and the value.
    let bytes: UnsafeRawBufferPointer
    /// The bytes that the length announces, or that lie within a group.
    let payload: UnsafeRawBufferPointer?
  }

  static func path(
    _ left: UnsafeRawBufferPointer,
    _ right: UnsafeRawBufferPointer,
    _ descriptor: MessageDescriptor
  ) -> String? {
    let ours = fields(left)
    let theirs = fields(right)
    var indices: [UInt32: Int] = [:]
    for place in 0..<max(ours.count, theirs.count) {
      let mine = place < ours.count ? ours[place] : nil
      let other = place < theirs.count ? theirs[place] : nil
      if let mine, let other, mine.bytes.elementsEqual(other.bytes) {
        indices[mine.number, default: 0] += 1
        continue
      }
      return path(mine, other, descriptor, indices)
    }
    return nil
  }

  private static func path(
    _ mine: Field?,
    _ other: Field?,
    _ descriptor: MessageDescriptor,
    _ indices: [UInt32: Int]
  ) -> String? {
    guard let odd = odd(mine, other, descriptor) else { return nil }
    guard let field = descriptor.field(odd.number) else { return "unknown field \(odd.number)" }
    var path = field.name
    if field.isMap, let entry = field.message, let payload = odd.payload {
      path += "[\(key(payload, entry))]"
    } else if field.isRepeated, mine?.payload == nil || !field.isPackable {
      path += "[\(indices[odd.number] ?? 0)]"
    }
    guard mine?.number == other?.number, let inner = field.message, let a = mine?.payload, let b = other?.payload else {
      return path
    }
    if field.isMap {
      guard key(a, inner) == key(b, inner) else { return path }
      guard let valuePath = self.path(a, b, inner), valuePath.hasPrefix("value.") else { return path }
      return path + valuePath.dropFirst("value".count)
    }
    return self.path(a, b, inner).map { "\(path).\($0)" } ?? path
  }

  /// The one of two differing fields that the other message does not have at this place: known fields come before
  /// unknown ones, lower numbers and keys before higher ones.
  private static func odd(_ mine: Field?, _ other: Field?, _ descriptor: MessageDescriptor) -> Field? {
    guard let mine else { return other }
    guard let other else { return mine }
    let isMineKnown = descriptor.field(mine.number) != nil
    let isOtherKnown = descriptor.field(other.number) != nil
    if isMineKnown != isOtherKnown { return isMineKnown ? mine : other }
    if mine.number == other.number, let field = descriptor.field(mine.number), field.isMap,
      let entry = field.message, let a = mine.payload, let b = other.payload
    {
      return key(b, entry).precedes(key(a, entry)) ? other : mine
    }
    return other.number < mine.number ? other : mine
  }

  /// The key of a map entry.
  private enum Key: Equatable, CustomStringConvertible {
    case text(String)
    case number(Int64)

    var description: String {
      switch self {
      case .text(let text): "\"\(text)\""
      case .number(let number): String(number)
      }
    }

    func precedes(_ other: Key) -> Bool {
      switch (self, other) {
      case (.text(let left), .text(let right)): String.precedes(left, right)
      case (.number(let left), .number(let right)): left < right
      default: false
      }
    }
  }

  /// Keys are always written, so the entry has one.
  private static func key(_ entry: UnsafeRawBufferPointer, _ descriptor: MessageDescriptor) -> Key {
    guard let key = fields(entry).first(where: { $0.number == 1 }) else { return .number(0) }
    if let text = key.payload { return .text(String(decoding: text, as: UTF8.self)) }
    var reader = WireReader(key.bytes)
    guard let tag = reader.tag(), let field = descriptor.field(1) else { return .number(0) }
    switch tag.type {
    case .fixed32: return .number(Int64(key.bytes.loadUnaligned(fromByteOffset: reader.position, as: Int32.self)))
    case .fixed64: return .number(key.bytes.loadUnaligned(fromByteOffset: reader.position, as: Int64.self))
    default:
      let value = reader.varint() ?? 0
      if field.isZigZag { return .number(Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)) }
      return .number(Int64(bitPattern: value))
    }
  }

  private static func fields(_ bytes: UnsafeRawBufferPointer) -> [Field] {
    var fields: [Field] = []
    var reader = WireReader(bytes)
    while !reader.isAtEnd {
      let start = reader.position
      guard let tag = reader.tag() else { break }
      let valueStart = reader.position
      guard case .done = reader.skip(tag.type, number: tag.number, maxDepth: .max) else { break }
      var payload: UnsafeRawBufferPointer?
      if tag.type == .startGroup {
        var group = WireReader(bytes, valueStart..<reader.position)
        var contents = 0..<0
        _ = group.skipGroup(tag.number, maxDepth: .max, &contents)
        payload = UnsafeRawBufferPointer(rebasing: bytes[contents])
      } else if tag.type == .lengthDelimited {
        var value = WireReader(bytes, valueStart..<reader.position)
        payload = value.delimited().map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
      }
      fields.append(
        Field(
          number: tag.number,
          bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<reader.position]),
          payload: payload
        )
      )
    }
    return fields
  }
}
