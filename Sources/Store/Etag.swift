import RPC

/// Entity tags, computed from a row's version column, which every change of the row counts up.
public enum Etag {
  /// The tag of a row at this version, quoted as RFC 9110 wants it.
  public static func tag(version: Int64) -> String {
    "\"\(String(version, radix: 36))\""
  }

  /// Accepts an empty tag, which asks for no check, and the current one.
  ///
  /// - Throws: ABORTED with reason ETAG_MISMATCH when the row has changed since the client read it.
  public static func check(_ etag: String, version: Int64) throws {
    guard etag.isEmpty || etag == tag(version: version) else {
      throw RPCError(
        .aborted, "the resource has changed; read it again", reason: "ETAG_MISMATCH",
        metadata: ["etag": tag(version: version)])
    }
  }
}
