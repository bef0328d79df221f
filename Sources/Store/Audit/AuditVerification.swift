/// What a check of the audit log found.
public enum AuditVerification: Sendable, Hashable {
  /// Every entry follows from the one before. Entries cut off the end leave an intact shorter chain: keep the anchor
  /// of one check outside the database and give it to the next.
  case intact(AuditAnchor)
  /// The first entry that does not.
  case broken(sequence: Int64, reason: String)
}

/// A point of the audit log to compare with later.
public struct AuditAnchor: Sendable, Hashable {
  /// The entry's number; 0 for an empty log.
  public let sequence: Int64
  /// Its hash, in hexadecimal.
  public let hash: String

  public init(sequence: Int64, hash: String) {
    self.sequence = sequence
    self.hash = hash
  }
}

/// Follows the chain page by page.
struct AuditVerifier {
  private(set) var head = AuditHead.start
  let anchor: AuditAnchor?

  init(anchor: AuditAnchor?) {
    self.anchor = anchor
  }

  /// Checks the next `count` entries. Returns nil while there may be more.
  mutating func checkPage(count: Int, _ connection: Connection) throws -> AuditVerification? {
    let page = try AuditTable.page(after: head.sequence, count: count, connection)
    for (sequence, entry, hash) in page {
      guard sequence == head.sequence + 1 else {
        return .broken(sequence: head.sequence + 1, reason: "the entry is missing")
      }
      guard entry.hash(sequence: sequence, previous: head.hash) == hash else {
        return .broken(sequence: sequence, reason: "the entry, or the one before it, was changed")
      }
      head = AuditHead(sequence: sequence, hash: hash)
      if let anchor, anchor.sequence == sequence, anchor.hash != Hex.encode(hash) {
        return .broken(sequence: sequence, reason: "the log up to this entry was rewritten")
      }
    }
    guard page.count < count else { return nil }
    if let anchor, anchor.sequence > head.sequence {
      return .broken(sequence: head.sequence + 1, reason: "the end of the log is missing")
    }
    return .intact(AuditAnchor(sequence: head.sequence, hash: Hex.encode(head.hash)))
  }
}
