import CProtobufC

/// The descriptors of all messages of one `.proto` file, built when the first of them is used.
///
/// Imports cannot form a cycle, so a table may name the descriptors of other files directly; within the file messages
/// name each other by index. The memory is never freed: descriptors are as permanent as the code they describe.
///
/// Each message has two, one behind the other, over the same layout. Unpacking, every sub-message is a list, because only
/// the runtime can merge one that came in parts. Packing, one that is no element of a list is a pointer, which costs less.
public struct DescriptorFile: @unchecked Sendable {
  @usableFromInline let first: UnsafeMutablePointer<ProtobufCMessageDescriptor>

  @inlinable
  public subscript(index: Int) -> MessageDescriptor { MessageDescriptor(pointer: UnsafePointer(first + 2 &* index)) }

  public init(_ tables: [MessageTable]) {
    first = .allocate(capacity: max(1, 2 * tables.count))
    for (index, table) in tables.enumerated() {
      let unpacking = first + 2 * index
      unpacking.initialize(to: Self.describe(table, siblings: first))
      (unpacking + 1).initialize(to: Self.packing(unpacking.pointee))
    }
    var nestings = Nestings(tables)
    for index in tables.indices {
      first[2 * index].reserved1 = UnsafeMutableRawPointer(bitPattern: nestings.nesting(of: index))
    }
    for index in Self.messages(of: tables, with: \.isRequired, others: \.hasRequired) {
      first[2 * index].reserved2 = UnsafeMutableRawPointer(bitPattern: 1)
    }
    for index in Self.messages(of: tables, with: \.isGroup, others: \.hasGroups) {
      first[2 * index].reserved3 = UnsafeMutableRawPointer(bitPattern: 1)
    }
  }

  /// The messages that have such fields or can contain one that has. `others` says it of messages of other files.
  private static func messages(
    of tables: [MessageTable],
    with isMeant: (FieldTable) -> Bool,
    others: (MessageDescriptor) -> Bool
  ) -> Set<Int> {
    var found: Set<Int> = []
    var isComplete = false
    // Again until nothing is added: messages may contain each other.
    while !isComplete {
      isComplete = true
      for (index, table) in tables.enumerated() where !found.contains(index) {
        let has = table.fields.contains { field in
          if isMeant(field) { return true }
          switch field.kind {
          case .local(let other): return found.contains(other)
          case .message(let other): return others(other)
          default: return false
          }
        }
        if has {
          found.insert(index)
          isComplete = false
        }
      }
    }
    return found
  }

  private static func packing(_ unpacking: ProtobufCMessageDescriptor) -> ProtobufCMessageDescriptor {
    let count = Int(unpacking.n_fields)
    let fields = UnsafeMutablePointer<ProtobufCFieldDescriptor>.allocate(capacity: max(1, count))
    fields.initialize(from: unpacking.fields, count: max(1, count))
    for index in 0..<count {
      let field = FieldDescriptor(pointer: unpacking.fields + index)
      if field.message != nil, !field.isRepeated { fields[index].label = PROTOBUF_C_LABEL_OPTIONAL }
      if field.isGroup { fields[index].id += GroupWriter.marker }
    }
    var packing = unpacking
    packing.fields = UnsafePointer(fields)
    return packing
  }

  private static func describe(
    _ table: MessageTable,
    siblings: UnsafeMutablePointer<ProtobufCMessageDescriptor>
  ) -> ProtobufCMessageDescriptor {
    // protobuf-c looks at the first field before it has read a tag: there must be one, with a number no tag can have.
    let fields = UnsafeMutablePointer<ProtobufCFieldDescriptor>.allocate(capacity: max(1, table.fields.count))
    fields.initialize(to: ProtobufCFieldDescriptor())
    fields.pointee.id = .max
    var ranges: [ProtobufCIntRange] = []
    var previous: UInt32 = 0
    for (index, field) in table.fields.enumerated() {
      precondition(field.number > previous, "the fields of \(table.name) are not in the order of their numbers")
      (fields + index).initialize(to: field.described(siblings: siblings))
      if index == 0 || previous + 1 != field.number {
        ranges.append(ProtobufCIntRange(start_value: Int32(field.number), orig_index: UInt32(index)))
      }
      previous = field.number
    }
    let rangeCount = ranges.count
    ranges.append(ProtobufCIntRange(start_value: 0, orig_index: UInt32(table.fields.count)))
    let permanentRanges = UnsafeMutablePointer<ProtobufCIntRange>.allocate(capacity: ranges.count)
    permanentRanges.initialize(from: ranges, count: ranges.count)
    return ProtobufCMessageDescriptor(
      magic: UInt32(PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC),
      name: table.name.cString,
      short_name: table.name.cString,
      c_name: table.name.cString,
      package_name: table.name.cString,
      sizeof_message: table.size,
      n_fields: UInt32(table.fields.count),
      fields: fields,
      fields_sorted_by_name: nil,
      n_field_ranges: UInt32(rangeCount),
      field_ranges: permanentRanges,
      // Without a function of its own protobuf-c zeroes the layout, unknown fields included.
      message_init: nil,
      reserved1: nil,
      reserved2: nil,
      reserved3: nil
    )
  }
}

extension StaticString {
  fileprivate var cString: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
}

extension FieldTable {
  fileprivate var isRequired: Bool { if case .required = cardinality { true } else { false } }

  fileprivate func described(
    siblings: UnsafeMutablePointer<ProtobufCMessageDescriptor>
  ) -> ProtobufCFieldDescriptor {
    var traits: FieldDescriptor.Traits = []
    var isList = false
    var isPacked = false
    var oneof: UInt32 = 0
    switch cardinality {
    case .optional: break
    case .required: traits.insert(.required)
    case .oneof(let index): oneof = UInt32(index) + 1
    case .repeated:
      isList = true
      traits.insert(.repeated)
    case .packed:
      isList = true
      isPacked = true
      traits.insert(.repeated)
    case .map:
      isList = true
      traits.formUnion([.repeated, .map])
    }
    var subMessage: UnsafeRawPointer?
    switch kind {
    case .string: traits.insert(.text)
    case .local(let index):
      isList = true
      subMessage = UnsafeRawPointer(siblings + 2 * index)
    case .message(let descriptor):
      isList = true
      subMessage = UnsafeRawPointer(descriptor.pointer)
    default: break
    }
    if isGroup { traits.insert(.group) }
    return ProtobufCFieldDescriptor(
      name: name.cString,
      id: number,
      label: isList ? PROTOBUF_C_LABEL_REPEATED : PROTOBUF_C_LABEL_OPTIONAL,
      type: kind.type,
      quantifier_offset: UInt32(isList ? offset : offset + kind.presenceOffset),
      offset: UInt32(isList ? offset + MemoryLayout<Int>.size : offset),
      descriptor: subMessage,
      default_value: nil,
      flags: isPacked ? PROTOBUF_C_FIELD_FLAG_PACKED.rawValue : 0,
      reserved_flags: traits.rawValue | oneof << 16,
      reserved2: nil,
      reserved3: nil
    )
  }
}

extension FieldTable.Kind {
  fileprivate var type: ProtobufCType {
    switch self {
    // As an unsigned number, because protobuf-c takes any wire type for its BOOL.
    case .bool: PROTOBUF_C_TYPE_UINT64
    case .int32, .enumeration: PROTOBUF_C_TYPE_INT32
    case .int64: PROTOBUF_C_TYPE_INT64
    case .uint32: PROTOBUF_C_TYPE_UINT32
    case .uint64: PROTOBUF_C_TYPE_UINT64
    case .sint32: PROTOBUF_C_TYPE_SINT32
    case .sint64: PROTOBUF_C_TYPE_SINT64
    case .fixed32: PROTOBUF_C_TYPE_FIXED32
    case .fixed64: PROTOBUF_C_TYPE_FIXED64
    case .sfixed32: PROTOBUF_C_TYPE_SFIXED32
    case .sfixed64: PROTOBUF_C_TYPE_SFIXED64
    case .float: PROTOBUF_C_TYPE_FLOAT
    case .double: PROTOBUF_C_TYPE_DOUBLE
    // protobuf-c's STRING ends at the first NUL.
    case .string, .bytes: PROTOBUF_C_TYPE_BYTES
    case .local, .message, .group: PROTOBUF_C_TYPE_MESSAGE
    }
  }

  /// Where `WireOptional` keeps the presence of a value of this kind.
  fileprivate var presenceOffset: Int {
    switch self {
    case .string, .bytes: MemoryLayout<WireBytes>.size
    case .bool, .int64, .uint64, .sint64, .fixed64, .sfixed64, .double: MemoryLayout<UInt64>.size
    case .int32, .uint32, .sint32, .fixed32, .sfixed32, .float, .enumeration: MemoryLayout<UInt32>.size
    case .local, .message, .group: 0
    }
  }
}

/// How deep the types of a file nest. A group counts as without end: messages that have one are always looked through.
private struct Nestings {
  private let tables: [MessageTable]
  private var known: [Int: Int] = [:]
  private var open: Set<Int> = []

  init(_ tables: [MessageTable]) { self.tables = tables }

  mutating func nesting(of index: Int) -> Int {
    if let nesting = known[index] { return nesting }
    guard open.insert(index).inserted else { return .max }
    var deepest = 0
    for field in tables[index].fields {
      let below: Int
      switch field.kind {
      case .local(let other): below = nesting(of: other)
      case .message(let other): below = other.nesting
      default: continue
      }
      deepest = max(deepest, below == .max || field.isGroup ? .max : below + 1)
    }
    open.remove(index)
    known[index] = deepest
    return deepest
  }
}
