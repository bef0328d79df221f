import Crypto

/// Opaque page tokens: where a page ended, signed together with the query it belongs to, so that a token neither can be
/// made up nor be used for another query or by another caller.
struct PageToken: Sendable {
  private static let version: UInt8 = 1
  private static let signatureBytes = 16

  let key: SymmetricKey
  let maximumBytes: Int

  func encode(_ position: [SQLValue], query: [String]) -> String {
    var payload = [Self.version]
    for value in position { payload.append(value) }
    return Base64URL.encode(payload + signature(payload, query))
  }

  /// The position in a token; nil for one that was not made for this query.
  func decode(_ token: String, query: [String]) -> [SQLValue]? {
    guard token.utf8.count <= maximumBytes, let bytes = Base64URL.decode(token),
      bytes.count > Self.signatureBytes
    else { return nil }
    let payload = Array(bytes.dropLast(Self.signatureBytes))
    guard isEqual(Array(bytes.suffix(Self.signatureBytes)), signature(payload, query)),
      payload.first == Self.version
    else { return nil }
    var reader = ByteReader(payload.dropFirst())
    var position: [SQLValue] = []
    while !reader.isAtEnd {
      guard let value = reader.value() else { return nil }
      position.append(value)
    }
    return position
  }

  private func signature(_ payload: [UInt8], _ query: [String]) -> [UInt8] {
    var input: [UInt8] = []
    for part in query { input.append(lengthPrefixed: part.utf8) }
    input.append(lengthPrefixed: payload)
    return Array(HMAC<SHA256>.authenticationCode(for: input, using: key).prefix(Self.signatureBytes))
  }

  /// Takes as long for a wrong first byte as for a wrong last one.
  private func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ value: SQLValue) {
    switch value {
    case .null: append(0)
    case .integer(let integer):
      append(1)
      append(bigEndian: integer)
    case .text(let text):
      append(2)
      append(lengthPrefixed: text.utf8)
    case .blob(let blob):
      append(3)
      append(lengthPrefixed: blob)
    }
  }
}

/// Reads what the extension above wrote; every step checks that the bytes are there.
private struct ByteReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func value() -> SQLValue? {
    switch rest.popFirst() {
    case 0: .null
    case 1: integer().map { .integer($0) }
    case 2: bytes().map { .text(String(decoding: $0, as: UTF8.self)) }
    case 3: bytes().map { .blob($0) }
    default: nil
    }
  }

  private mutating func integer() -> Int64? {
    guard rest.count >= 8 else { return nil }
    let value = rest.prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
    rest.removeFirst(8)
    return value
  }

  private mutating func bytes() -> [UInt8]? {
    guard let count = integer(), count >= 0, count <= rest.count else { return nil }
    defer { rest.removeFirst(Int(count)) }
    return Array(rest.prefix(Int(count)))
  }
}
