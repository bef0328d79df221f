/// Millrace's own options of a method (`Protos/millrace/options/v1`), read out of a serialized
/// google.protobuf.MethodOptions.
///
/// The generator does not depend on the code generated for the options: it must be able to generate that code first.
struct MethodOptions {
  /// The extensions' numbers in google.protobuf.MethodOptions.
  static let accessNumber: UInt64 = 50_001
  static let executionNumber: UInt64 = 50_002

  /// Nil when the option is absent; `.unspecified` when it is there but says nothing.
  private(set) var access: MethodModel.Access?
  /// Nil when the option has a value that this generator does not know.
  private(set) var execution: MethodModel.Execution? = .onLoop

  init(serialized bytes: [UInt8]) {
    for record in WireRecords(bytes[...]) {
      switch record.number {
      case Self.accessNumber: access = Self.access(record.bytes, after: access ?? .unspecified)
      case Self.executionNumber: execution = record.varint.flatMap(MethodModel.Execution.init(number:))
      default: break
      }
    }
  }

  /// The rule of an access option, of which there may be several records: the last member that is set wins.
  private static func access(_ bytes: ArraySlice<UInt8>, after earlier: MethodModel.Access) -> MethodModel.Access {
    let (publicNumber, permissionNumber): (UInt64, UInt64) = (1, 2)
    var rule = earlier
    for member in WireRecords(bytes) {
      switch (member.number, member.varint) {
      case (publicNumber, 1): rule = .public
      case (publicNumber, _): rule = .unspecified
      case (permissionNumber, nil):
        rule = member.bytes.isEmpty ? .unspecified : .permission(String(decoding: member.bytes, as: UTF8.self))
      default: break
      }
    }
    return rule
  }
}

/// The records of a serialized message, groups excluded. It ends at the first one that is malformed.
private struct WireRecords: Sequence, IteratorProtocol {
  struct Record {
    let number: UInt64
    /// The value of a varint record.
    let varint: UInt64?
    /// The contents of a length-delimited record.
    let bytes: ArraySlice<UInt8>
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func next() -> Record? {
    guard let tag = varint() else { return nil }
    switch tag & 7 {
    case 0: return varint().map { Record(number: tag >> 3, varint: $0, bytes: []) }
    case 1: return take(8).map { Record(number: tag >> 3, varint: nil, bytes: $0) }
    case 2: return varint().flatMap { take($0) }.map { Record(number: tag >> 3, varint: nil, bytes: $0) }
    case 5: return take(4).map { Record(number: tag >> 3, varint: nil, bytes: $0) }
    default: return nil
    }
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  private mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
    guard count <= UInt64(rest.count) else { return nil }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }
}
