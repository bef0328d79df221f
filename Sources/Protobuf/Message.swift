/// A generated message: a plain value with one property a field.
public protocol Message: Sendable, Hashable {
  /// All fields at their defaults.
  init()

  /// The full proto name, such as `millrace.financing.v1.Application`.
  static var protoName: String { get }

  /// The file that declares the message.
  static var protoFile: ProtoFile { get }

  /// The proto names of the fields by number.
  static var fieldNames: [Int32: String] { get }

  /// Fields the contract does not know; kept, and written again.
  var unknownFields: UnknownFields { get set }

  /// For generated code only: how protobuf-c sees the message.
  static var _descriptor: MessageDescriptor { get }

  /// For generated code only: merges what protobuf-c unpacked into this value. Lists, maps and unknown fields append,
  /// sub-messages merge.
  mutating func _read(_ layout: UnsafeRawPointer, _ arena: Arena)

  /// For generated code only: the value as protobuf-c's tree. It takes a pointer, since a large struct passed by value
  /// is copied.
  static func _fill(_ message: UnsafePointer<Self>, _ arena: Arena) -> UnsafeMutableRawPointer

  /// For generated code only: whether the contract has rules for the message, or for one that it can contain.
  static var _hasRules: Bool { get }

  /// For generated code only: adds the rules of the contract that the message breaks.
  func _check(_ violations: inout RuleViolations)
}

extension Message {
  public static var _hasRules: Bool { false }

  public func _check(_ violations: inout RuleViolations) {}

  /// As the descriptor has them; generated code keeps them in a table.
  public static var fieldNames: [Int32: String] {
    var names: [Int32: String] = [:]
    for index in 0..<_descriptor.fieldCount { names[Int32(_descriptor[index].number)] = _descriptor[index].name }
    return names
  }
}
