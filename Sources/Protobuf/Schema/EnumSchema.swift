/// An enum as its contract declares it. Immutable once its pool is made.
public final class EnumSchema: Sendable {
  public let fullName: String
  /// Names and numbers in the order of the contract.
  public let values: [(name: String, number: Int32)]
  private let numbers: [String: Int32]
  private let names: [Int32: String]

  init(_ proto: GoogleProtobuf.EnumDescriptorProto, fullName: String) {
    self.fullName = fullName
    values = proto.value.compactMap { value in value.name.map { ($0, value.number ?? 0) } }
    numbers = Dictionary(values.map { ($0.name, $0.number) }, uniquingKeysWith: { first, _ in first })
    // The first of several names for a number is the one that is written.
    names = Dictionary(values.map { ($0.number, $0.name) }, uniquingKeysWith: { first, _ in first })
  }

  public func number(of name: String) -> Int32? {
    // Strings are equal that look the same; names are not, and all are in ASCII.
    name.utf8.allSatisfy { $0 < 0x80 } ? numbers[name] : nil
  }

  public func name(of number: Int32) -> String? { names[number] }
}
