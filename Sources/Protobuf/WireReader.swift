/// Reads tags and values from bytes that may be anything. Never reads past its end; nil means the bytes break the
/// format.
struct WireReader {
  let bytes: UnsafeRawBufferPointer
  private(set) var position: Int
  let end: Int

  static let largestFieldNumber: UInt32 = 536_870_911

  /// - Parameter range: lies within `bytes`.
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  init(_ bytes: UnsafeRawBufferPointer) { self.init(bytes, 0..<bytes.count) }

  var isAtEnd: Bool { position >= end }

  /// At most ten bytes; what does not fit into 64 bits is cut off, as other implementations do.
  mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < end, shift < 70 {
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }

  /// A tag takes at most five bytes, and its field number is 1…536 870 911.
  mutating func tag() -> (number: UInt32, type: WireType)? {
    let start = position
    guard let value = varint(), position - start <= 5, value <= UInt64(UInt32.max) else { return nil }
    let number = UInt32(value >> 3)
    guard number != 0, let type = WireType(rawValue: UInt8(value & 7)) else { return nil }
    return (number, type)
  }

  /// The range of a length-delimited value; the reader stands behind it then.
  mutating func delimited() -> Range<Int>? {
    guard let length = varint(), length <= UInt64(end - position) else { return nil }
    let start = position
    position += Int(length)
    return start..<position
  }

  mutating func advance(_ count: Int) -> Bool {
    guard count <= end - position else { return false }
    position += count
    return true
  }

  enum Skipped {
    case done, malformed, tooDeep
  }

  /// Goes past a value whose tag is read already. Groups nest `maxDepth` deep.
  mutating func skip(_ type: WireType, number: UInt32, maxDepth: Int) -> Skipped {
    guard type == .startGroup else { return skipSimple(type) ? .done : .malformed }
    var contents = 0..<0
    return skipGroup(number, maxDepth: maxDepth, &contents)
  }

  /// Goes past a group whose first tag is read already. It ends with the number that it began with; `contents` lie between.
  mutating func skipGroup(_ number: UInt32, maxDepth: Int, _ contents: inout Range<Int>) -> Skipped {
    guard maxDepth > 0 else { return .tooDeep }
    var open = [number]
    let start = position
    while let innermost = open.last {
      let end = position
      guard let next = tag() else { return .malformed }
      switch next.type {
      case .startGroup:
        guard open.count < maxDepth else { return .tooDeep }
        open.append(next.number)
      case .endGroup:
        guard next.number == innermost else { return .malformed }
        open.removeLast()
        contents = start..<end
      default:
        guard skipSimple(next.type) else { return .malformed }
      }
    }
    return .done
  }

  private mutating func skipSimple(_ type: WireType) -> Bool {
    switch type {
    case .varint: varint() != nil
    case .fixed64: advance(8)
    case .fixed32: advance(4)
    case .lengthDelimited: delimited() != nil
    case .startGroup, .endGroup: false
    }
  }
}

extension [UInt8] {
  mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  mutating func append(tag number: UInt32, _ type: WireType) {
    append(varint: UInt64(number) << 3 | UInt64(type.rawValue))
  }
}
