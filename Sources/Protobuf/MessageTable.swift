/// One field of a generated message: what protobuf-c has to know and where the layout keeps it.
public struct FieldTable {
  public enum Kind {
    case bool, int32, int64, uint32, uint64, sint32, sint64
    case fixed32, fixed64, sfixed32, sfixed64, float, double
    case string, bytes
    /// An open enum: any `int32`.
    case enumeration
    /// A message of the same file, by its place in the file's tables.
    case local(Int)
    /// A message of another file.
    case message(MessageDescriptor)
    /// A message of either kind, between two tags.
    indirect case group(Kind)
  }

  public enum Cardinality {
    /// `WireOptional`; a sub-message is a `WireMessages` that is merged into one value.
    case optional
    /// As `optional`, but a message without it is refused.
    case required
    /// As `optional`, and member of the oneof with this index in the message.
    case oneof(Int)
    /// `WireList`.
    case repeated
    /// `WireList`, written packed.
    case packed
    /// `WireMessages` of entries.
    case map
  }

  let number: UInt32
  let name: StaticString
  /// Of a group, that of its message.
  let kind: Kind
  let isGroup: Bool
  let cardinality: Cardinality
  let offset: Int

  /// - Parameter offset: `MemoryLayout<Layout>.offset(of:)` of the field; it exists for every stored property.
  public init(_ number: UInt32, _ name: StaticString, _ kind: Kind, _ cardinality: Cardinality, _ offset: Int?) {
    guard let offset else { preconditionFailure("\(name) is not stored in its layout") }
    self.number = number
    self.name = name
    if case .group(let message) = kind { self.kind = message } else { self.kind = kind }
    if case .group = kind { isGroup = true } else { isGroup = false }
    self.cardinality = cardinality
    self.offset = offset
  }
}

/// One generated message: its proto name, the size of its layout and its fields in the order of their numbers.
public struct MessageTable {
  let name: StaticString
  let size: Int
  let fields: [FieldTable]

  public init(_ name: StaticString, size: Int, _ fields: [FieldTable]) {
    self.name = name
    self.size = size
    self.fields = fields
  }
}
