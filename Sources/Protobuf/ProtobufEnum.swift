/// A generated enum. Numbers it does not know are kept, as `unrecognized`.
public protocol ProtobufEnum: RawRepresentable<Int32>, CaseIterable, Sendable, Hashable {
  /// Every number has a value.
  init(rawValue: Int32)

  /// The value with this name in the contract; nil where it has none.
  init?(valueName: String)

  /// The value's name in the contract; nil where it has none.
  var valueName: String? { get }
}
