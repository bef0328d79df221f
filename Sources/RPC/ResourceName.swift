/// Resource names of one collection, `collection/{id}`.
public enum ResourceName {
  /// Longest id, in bytes.
  public static let idBytes = 63

  /// The id in a resource name.
  ///
  /// - Throws: INVALID_ARGUMENT naming `field` when the name does not have the form `collection/{id}` with an id of
  ///   lowercase letters, digits and hyphens.
  public static func id(_ name: String, in collection: String, field: String) throws(RPCError) -> String {
    let rest = name.utf8.dropFirst(collection.utf8.count)
    guard name.utf8.starts(with: collection.utf8), rest.first == UInt8(ascii: "/") else {
      throw malformed(name, collection, field)
    }
    let id = rest.dropFirst()
    guard (1...idBytes).contains(id.count), id.allSatisfy(isIdByte) else { throw malformed(name, collection, field) }
    return String(Substring(id))
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
