/// A message as its contract declares it. Immutable once its pool is made.
public final class MessageSchema: @unchecked Sendable {
  public let fullName: String
  /// In the order of their numbers.
  public internal(set) var fields: [FieldSchema]
  /// Whether it is the entry of a map field.
  public let isMapEntry: Bool
  /// The names of the oneofs, by their index.
  public let oneofs: [String]
  /// How JSON writes it, where not as an object of its fields.
  let wellKnown: WellKnown?
  private let indicesByNumber: [UInt32: Int]
  private let indicesByName: [String: Int]

  init(_ proto: GoogleProtobuf.DescriptorProto, fullName: String, isProto3: Bool) {
    self.fullName = fullName
    wellKnown = WellKnown(fullName)
    isMapEntry = proto.options?.mapEntry ?? false
    oneofs = proto.oneofDecl.map { $0.name ?? "" }
    let fields = proto.field.compactMap { FieldSchema($0, isProto3: isProto3) }.sorted { $0.number < $1.number }
    self.fields = fields
    let numbered = fields.enumerated()
    indicesByNumber = Dictionary(numbered.map { ($1.number, $0) }, uniquingKeysWith: { first, _ in first })
    // A field's JSON name wins over another's name in the contract.
    indicesByName = Dictionary(
      numbered.map { ($1.jsonName, $0) } + numbered.map { ($1.name, $0) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  /// The index of the field with this number.
  func index(of number: UInt32) -> Int? { indicesByNumber[number] }

  /// The index of the field with this name, in JSON or in the contract.
  func index(named name: String) -> Int? { indicesByName[name] }
}
