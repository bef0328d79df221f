import Crypto

/// One entry of the audit log: who did what to which resource.
struct AuditEntry: Sendable, Hashable {
  let at: Timestamp
  let actor: String
  let action: String
  let resource: String
  let requestId: String
  let detail: String

  /// SHA-256 over the hash of the entry before and every field, each with its length in front, so that no two
  /// different entries have the same input.
  func hash(sequence: Int64, previous: [UInt8]) -> [UInt8] {
    var input: [UInt8] = []
    input.reserveCapacity(
      previous.count + 72 + actor.utf8.count + action.utf8.count + resource.utf8.count + requestId.utf8.count
        + detail.utf8.count)
    input.append(lengthPrefixed: previous)
    input.append(bigEndian: sequence)
    input.append(bigEndian: at.microseconds)
    input.append(lengthPrefixed: actor.utf8)
    input.append(lengthPrefixed: action.utf8)
    input.append(lengthPrefixed: resource.utf8)
    input.append(lengthPrefixed: requestId.utf8)
    input.append(lengthPrefixed: detail.utf8)
    return Array(SHA256.hash(data: input))
  }
}

/// The end of the chain.
struct AuditHead: Sendable, Hashable {
  var sequence: Int64
  var hash: [UInt8]

  /// Before the first entry.
  static let start = AuditHead(sequence: 0, hash: Array(repeating: 0, count: 32))
}
