import RPC

/// The token that a watch's events carry, and with which a client goes on where it stopped.
public enum ResumeToken {
  /// The token of the event with this sequence number.
  public static func token(_ sequence: Int64) -> String {
    String(sequence)
  }

  /// The position to watch from: nil, which means from now on, for an empty token.
  ///
  /// - Throws: INVALID_ARGUMENT naming resume_token when it is not a token of an event up to `head`.
  public static func position(_ token: String, head: Int64) throws -> Int64? {
    if token.isEmpty { return nil }
    guard let sequence = Int64(token), sequence >= 0, sequence <= head, String(sequence) == token else {
      throw RPCError.invalidArgument(field: "resume_token", "is not a token that this server gave out")
    }
    return sequence
  }
}
