/// Resource names of one collection, `collection/{id}`.
public enum ResourceName {
  /// Longest id, in bytes.
  public static let idBytes = 63

  /// The id in a resource name.
  ///
  /// - Throws: INVALID_ARGUMENT naming `field` when the name does not have the form `collection/{id}` with an id of
  ///   lowercase letters, digits and hyphens.
  public static func id(_ name: String, in collection: String, field: String) throws(RPCError) -> String {
    let idOffset = collection.utf8.count + 1
    guard hasForm(name.utf8Span.span, collection.utf8Span.span) else { throw malformed(name, collection, field) }
    return String(Substring(name.utf8.dropFirst(idOffset)))
  }

  private static func hasForm(_ name: Span<UInt8>, _ collection: Span<UInt8>) -> Bool {
    let slash = collection.count
    guard name.count > slash + 1, name.count <= slash + 1 + idBytes, name[slash] == UInt8(ascii: "/") else {
      return false
    }
    for index in collection.indices where name[index] != collection[index] { return false }
    for index in slash + 1..<name.count where !isIdByte(name[index]) { return false }
    return true
  }

  private static func isIdByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
  }

  private static func malformed(_ name: String, _ collection: String, _ field: String) -> RPCError {
    .invalidArgument(
      field: field,
      name.isEmpty ? "is required" : "must be `\(collection)/{id}` with an id of a-z, 0-9 and -"
    )
  }
}
