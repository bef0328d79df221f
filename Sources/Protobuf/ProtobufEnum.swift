/// A generated enum. Numbers it does not know are kept, as `unrecognized`.
public protocol ProtobufEnum: RawRepresentable<Int32>, CaseIterable, Sendable, Hashable {
  /// Every number has a value.
  init(rawValue: Int32)
}
