import Crypto

/// What the record of a request is found by.
struct RequestIdentity: Sendable, Hashable {
  let requestId: String
  let caller: String
  let method: String
  /// What the index holds of it: the first 64 bits of SHA-256 over the three, each with its length in front. Two
  /// identities may share it.
  let key: Int64
}

extension RequestIdentity {
  init(requestId: String, caller: String, method: String) {
    var input: [UInt8] = []
    input.reserveCapacity(24 + requestId.utf8.count + caller.utf8.count + method.utf8.count)
    for text in [requestId, caller, method] { input.append(lengthPrefixed: text.utf8) }
    let key = SHA256.hash(data: input).prefix(8).reduce(0) { $0 << 8 | Int64($1) }
    self.init(requestId: requestId, caller: caller, method: method, key: key)
  }
}
