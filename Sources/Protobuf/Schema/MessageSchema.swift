/// A message as its contract declares it. Immutable once its pool is made.
public final class MessageSchema: @unchecked Sendable {
  public let fullName: String
  /// In the order of their numbers, with the extensions that the pool's files declare.
  public private(set) var fields: [FieldSchema]
  /// Whether it is the entry of a map field.
  public let isMapEntry: Bool
  /// The names of the oneofs, by their index.
  public let oneofs: [String]
  /// How JSON writes it, where not as an object of its fields.
  let wellKnown: WellKnown?
  /// The indices of the fields that every message has.
  private(set) var required: [Int] = []
  private var indicesByName: [String: Int] = [:]

  init(_ proto: GoogleProtobuf.DescriptorProto, fullName: String, isProto3: Bool) {
    self.fullName = fullName
    wellKnown = WellKnown(fullName)
    isMapEntry = proto.options?.mapEntry ?? false
    let oneofs = proto.oneofDecl.map { $0.name ?? "" }
    self.oneofs = oneofs
    fields = proto.field.compactMap { FieldSchema($0, isProto3: isProto3, oneofCount: oneofs.count) }
    arrange()
  }

  func add(_ extensions: [FieldSchema]) {
    let known = Set(fields.map(\.number))
    fields += extensions.filter { !known.contains($0.number) }
    arrange()
  }

  private func arrange() {
    fields.sort { $0.number < $1.number }
    required = fields.indices.filter { fields[$0].isRequired }
    let numbered = fields.enumerated()
    // A field's JSON name wins over another's name in the contract.
    indicesByName = Dictionary(
      numbered.map { ($1.jsonName, $0) } + numbered.map { ($1.name, $0) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  /// The index of the field with this number. `hint` is where it is likely to be.
  func index(of number: UInt32, hint: Int) -> Int? {
    for index in hint..<min(hint + 2, fields.count) where fields[index].number == number { return index }
    var low = 0
    var high = fields.count
    while low < high {
      let middle = (low + high) / 2
      if fields[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low < fields.count && fields[low].number == number ? low : nil
  }

  /// The index of the field with this name, in JSON or in the contract.
  func index(named name: String) -> Int? {
    guard let index = indicesByName[name] else { return nil }
    // Strings are equal that look the same; names are not.
    let field = fields[index]
    return field.jsonName.utf8.elementsEqual(name.utf8) || field.name.utf8.elementsEqual(name.utf8) ? index : nil
  }
}
