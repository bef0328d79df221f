import CProtobufC

/// How messages of one type are laid out: a protobuf-c descriptor that lives as long as the process.
@frozen
public struct MessageDescriptor: @unchecked Sendable, Hashable {
  @usableFromInline let pointer: UnsafePointer<ProtobufCMessageDescriptor>

  @inlinable
  init(pointer: UnsafePointer<ProtobufCMessageDescriptor>) { self.pointer = pointer }

  /// The descriptor that `packing` belongs to.
  init(packing: UnsafePointer<ProtobufCMessageDescriptor>) { self.init(pointer: packing - 1) }

  /// What messages are packed by: sub-messages that are no elements of a list lie there directly, not as lists of one.
  @inlinable @inline(__always)
  var packing: UnsafePointer<ProtobufCMessageDescriptor> { pointer + 1 }

  /// The full proto name, such as `google.protobuf.Any`.
  var name: String { String(cString: pointer.pointee.name) }

  var fieldCount: Int { Int(pointer.pointee.n_fields) }

  subscript(index: Int) -> FieldDescriptor { FieldDescriptor(pointer: pointer.pointee.fields + index) }

  /// The field with this number.
  func field(_ number: UInt32) -> FieldDescriptor? {
    guard let field = protobuf_c_message_descriptor_get_field(pointer, number) else { return nil }
    return FieldDescriptor(pointer: field)
  }

  /// How many levels of sub-messages there can be below a message of this type; `Int.max` if it is recursive or has groups,
  /// which must not reach protobuf-c unseen.
  var nesting: Int { Int(bitPattern: pointer.pointee.reserved1) }

  /// Whether the message, or one that it can contain, has required fields.
  @inlinable var hasRequired: Bool { pointer.pointee.reserved2 != nil }

  /// Whether the message, or one that it can contain, has groups.
  var hasGroups: Bool { pointer.pointee.reserved3 != nil }
}

/// One field of a descriptor.
struct FieldDescriptor {
  let pointer: UnsafePointer<ProtobufCFieldDescriptor>

  /// What protobuf-c has no word for, kept in `reserved_flags`; the upper half is the index of the oneof plus one.
  struct Traits: OptionSet {
    let rawValue: UInt32
    static let text = Traits(rawValue: 1)
    static let repeated = Traits(rawValue: 2)
    static let map = Traits(rawValue: 4)
    static let required = Traits(rawValue: 8)
    static let group = Traits(rawValue: 16)
  }

  var number: UInt32 { pointer.pointee.id }
  var name: String { String(cString: pointer.pointee.name) }
  var type: ProtobufCType { pointer.pointee.type }
  var traits: Traits { Traits(rawValue: pointer.pointee.reserved_flags & 0xFFFF) }
  var isText: Bool { traits.contains(.text) }
  /// Repeated in the contract, not only in the layout.
  var isRepeated: Bool { traits.contains(.repeated) }
  var isMap: Bool { traits.contains(.map) }
  var isRequired: Bool { traits.contains(.required) }
  /// A sub-message between two tags rather than behind a length.
  var isGroup: Bool { traits.contains(.group) }

  /// The index of the oneof this field belongs to.
  var oneof: Int? {
    let tagged = Int(pointer.pointee.reserved_flags >> 16)
    return tagged == 0 ? nil : tagged - 1
  }

  /// The type of a sub-message.
  var message: MessageDescriptor? {
    guard type == PROTOBUF_C_TYPE_MESSAGE, let descriptor = pointer.pointee.descriptor else { return nil }
    return MessageDescriptor(pointer: descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self))
  }

  /// The wire type of one value, not packed.
  var wireType: WireType {
    switch type {
    case PROTOBUF_C_TYPE_MESSAGE: isGroup ? .startGroup : .lengthDelimited
    case PROTOBUF_C_TYPE_BYTES, PROTOBUF_C_TYPE_STRING: .lengthDelimited
    case PROTOBUF_C_TYPE_FIXED32, PROTOBUF_C_TYPE_SFIXED32, PROTOBUF_C_TYPE_FLOAT: .fixed32
    case PROTOBUF_C_TYPE_FIXED64, PROTOBUF_C_TYPE_SFIXED64, PROTOBUF_C_TYPE_DOUBLE: .fixed64
    default: .varint
    }
  }

  var isZigZag: Bool { type == PROTOBUF_C_TYPE_SINT32 || type == PROTOBUF_C_TYPE_SINT64 }

  /// Whether a length-delimited value is a run of packed scalars.
  var isPackable: Bool { isRepeated && wireType != .lengthDelimited && !isGroup }
}
