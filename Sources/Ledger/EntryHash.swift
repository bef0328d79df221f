import Crypto
import FinancialMath

/// The chain that makes a changed or missing entry show: each entry's hash covers the one before it.
enum EntryHash {
  /// What the first entry builds on.
  static let origin = [UInt8](repeating: 0, count: SHA256.byteCount)

  static func of(
    sequence: Int64, businessDate: String, kind: String, subject: String, postings: [Posting], after previous: [UInt8]
  ) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: previous)
    for part in ["\(sequence)", businessDate, kind, subject] { hash.update(lengthPrefixed: part) }
    for posting in postings {
      for part in [
        posting.account.id, posting.side.rawValue, posting.amount.currency.code, "\(posting.amount.minorUnits)",
      ] { hash.update(lengthPrefixed: part) }
    }
    return Array(hash.finalize())
  }
}

extension SHA256 {
  /// With its length in front, so that no two lists of parts look the same.
  fileprivate mutating func update(lengthPrefixed text: String) {
    let bytes = Array(text.utf8)
    withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { update(bufferPointer: $0) }
    update(data: bytes)
  }
}
