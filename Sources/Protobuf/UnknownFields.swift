import CProtobufC

/// Fields of a message that its contract does not know, in the order they came in; they are written after the known
/// ones.
public struct UnknownFields: Sendable, Hashable {
  /// Tags and values as on the wire; nil instead of empty, because a nil costs nothing to copy.
  @usableFromInline var storage: [UInt8]?

  @inlinable
  public init() { storage = nil }

  @inlinable
  public var isEmpty: Bool { storage == nil }

  /// The fields in wire format.
  public var bytes: [UInt8] { storage ?? [] }

  /// Fields in wire format. Nil if the bytes are something else.
  public init?(bytes: [UInt8]) {
    let isWellFormed = bytes.withUnsafeBytes { buffer in
      var reader = WireReader(buffer)
      while !reader.isAtEnd {
        guard let tag = reader.tag() else { return false }
        guard case .done = reader.skip(tag.type, number: tag.number, maxDepth: 100) else { return false }
      }
      return true
    }
    guard isWellFormed else { return nil }
    storage = bytes.isEmpty ? nil : bytes
  }
}

// MARK: looking into them

extension UnknownFields {
  /// A value whose meaning is unknown, by what the wire tells of it.
  public enum Value: Sendable, Hashable {
    case varint(UInt64)
    case fixed32(UInt32)
    case fixed64(UInt64)
    case lengthDelimited([UInt8])
    /// The fields between the two tags.
    case group([UInt8])
  }

  /// The values of one field in their order. Extensions are unknown fields: this reads an extension by its number.
  public func values(of number: Int) -> [Value] {
    guard let storage else { return [] }
    return storage.withUnsafeBytes { buffer in
      var values: [Value] = []
      var reader = WireReader(buffer)
      while !reader.isAtEnd, let tag = reader.tag() {
        let start = reader.position
        guard case .done = reader.skip(tag.type, number: tag.number, maxDepth: .max) else { break }
        guard Int(tag.number) == number else { continue }
        if let value = Self.value(tag, in: buffer, start..<reader.position) { values.append(value) }
      }
      return values
    }
  }

  /// The payloads of one length-delimited field, such as a string, bytes or message extension.
  public func payloads(of number: Int) -> [[UInt8]] {
    values(of: number).compactMap { if case .lengthDelimited(let bytes) = $0 { bytes } else { nil } }
  }

  private static func value(
    _ tag: (number: UInt32, type: WireType),
    in buffer: UnsafeRawBufferPointer,
    _ range: Range<Int>
  ) -> Value? {
    var reader = WireReader(buffer, range)
    switch tag.type {
    case .varint: return reader.varint().map(Value.varint)
    case .fixed32:
      return .fixed32(UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt32.self)))
    case .fixed64:
      return .fixed64(UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self)))
    case .lengthDelimited: return reader.delimited().map { .lengthDelimited(Array(buffer[$0])) }
    case .startGroup:
      var contents = 0..<0
      guard case .done = reader.skipGroup(tag.number, maxDepth: .max, &contents) else { return nil }
      return .group(Array(buffer[contents]))
    case .endGroup: return nil
    }
  }
}

// MARK: the codec's side

extension UnknownFields {
  /// The number under which `Normalizer` hands fields through protobuf-c that it would refuse. No contract can use it.
  static let carrierNumber: UInt32 = 19_999

  /// Appends what protobuf-c kept of unknown fields.
  @inlinable @inline(__always)
  public mutating func _read(_ layout: UnsafeRawPointer, _ arena: Arena) {
    let message = layout.assumingMemoryBound(to: WireMessage.self)
    if message.pointee.n_unknown_fields != 0 { append(message, arena) }
  }

  @usableFromInline @inline(never)
  mutating func append(_ message: UnsafePointer<WireMessage>, _ arena: Arena) {
    var bytes = storage ?? []
    for index in 0..<Int(message.pointee.n_unknown_fields) {
      let field = message.pointee.unknown_fields[index]
      let data = UnsafeRawBufferPointer(start: field.data, count: field.len)
      if arena.isNormalized, field.tag == Self.carrierNumber {
        var reader = WireReader(data)
        if let range = reader.delimited() { bytes.append(contentsOf: data[range]) }
        continue
      }
      guard field.tag != 0, field.tag <= WireReader.largestFieldNumber else {
        arena.note(.badFieldNumber)
        return
      }
      bytes.append(varint: UInt64(field.tag) << 3 | UInt64(field.wire_type.rawValue))
      bytes.append(contentsOf: data)
    }
    storage = bytes.isEmpty ? nil : bytes
  }

  /// Checks the unknown fields of a map entry, which nobody keeps.
  @inlinable @inline(__always)
  static func check(_ layout: UnsafeRawPointer, _ arena: Arena) {
    let message = layout.assumingMemoryBound(to: WireMessage.self)
    if message.pointee.n_unknown_fields != 0 {
      var dropped = UnknownFields()
      dropped.append(message, arena)
    }
  }

  /// Hands the fields to protobuf-c.
  @inlinable @inline(__always)
  public func _fill(_ layout: UnsafeMutableRawPointer, _ arena: Arena) {
    if storage != nil { fill(layout.assumingMemoryBound(to: WireMessage.self), arena) }
  }

  /// As one field: the first tag for protobuf-c to write, and everything after it as its data.
  @usableFromInline @inline(never)
  func fill(_ message: UnsafeMutablePointer<WireMessage>, _ arena: Arena) {
    guard let storage else { return }
    storage.withUnsafeBytes { buffer in
      var reader = WireReader(buffer)
      guard let tag = reader.tag() else { return }
      let rest = UnsafeRawBufferPointer(rebasing: buffer[reader.position...])
      let data = arena.allocate(rest.count)
      if let source = rest.baseAddress { data.copyMemory(from: source, byteCount: rest.count) }
      let field = arena.allocate(MemoryLayout<ProtobufCMessageUnknownField>.stride)
        .initializeMemory(
          as: ProtobufCMessageUnknownField.self,
          to: ProtobufCMessageUnknownField(
            tag: tag.number,
            wire_type: ProtobufCWireType(rawValue: UInt32(tag.type.rawValue)),
            len: rest.count,
            data: data.assumingMemoryBound(to: UInt8.self)
          )
        )
      message.pointee.n_unknown_fields = 1
      message.pointee.unknown_fields = field
    }
  }
}
