/// How the bytes of a message are packed for the way: the encodings that both ends of a call may name.
public enum Compression: Sendable, Hashable, CaseIterable {
  /// As they are.
  case identity
  /// RFC 1952.
  case gzip
  /// RFC 1950, which HTTP calls deflate.
  case deflate

  /// The name in `grpc-encoding`.
  public var name: StaticString {
    switch self {
    case .identity: "identity"
    case .gzip: "gzip"
    case .deflate: "deflate"
    }
  }

  /// The encoding with this name, in letters of any case; nil when it is not known here. `x-gzip` is gzip (RFC 9110, section
  /// 8.4.1.3).
  public init?(name: Span<UInt8>) {
    if name.isEqualIgnoringCase(to: "x-gzip") {
      self = .gzip
      return
    }
    for known in Compression.allCases where name.isEqualIgnoringCase(to: known.name) {
      self = known
      return
    }
    return nil
  }

  /// The bytes of a message so packed; nil for identity, and when there is no memory for it.
  public func pack(_ message: UnsafeRawBufferPointer) -> [UInt8]? { Deflate.pack(message, as: self) }

  /// What `grpc-accept-encoding` says of this implementation.
  public static let acceptable: StaticString = "identity,deflate,gzip"
}

/// A set of encodings, as a peer lists them.
public struct AcceptedCompressions: Sendable, Hashable {
  private var bits: UInt8 = 1

  /// Identity alone, which everybody takes.
  public init() {}

  /// Those of a list, besides identity.
  public init(list: Span<UInt8>) { insert(list: list) }

  /// Adds those of a list such as `identity, deflate;q=0.5, gzip`. An encoding that is not known here is passed over, and so is
  /// one of weight 0, which the peer does not take (RFC 9110, section 12.4.2).
  public mutating func insert(list: Span<UInt8>) {
    list.forEachPart(separator: ",") { item in
      var known: Compression?
      var isRefused = false
      var isName = true
      item.forEachPart(separator: ";") { part in
        if isName { known = Compression(name: part) } else if part.isZeroWeight { isRefused = true }
        isName = false
      }
      if let known, !isRefused { insert(known) }
    }
  }

  public mutating func insert(_ compression: Compression) { bits |= AcceptedCompressions.bit(compression) }

  public func contains(_ compression: Compression) -> Bool { bits & AcceptedCompressions.bit(compression) != 0 }

  private static func bit(_ compression: Compression) -> UInt8 {
    switch compression {
    case .identity: 1
    case .gzip: 2
    case .deflate: 4
    }
  }
}

extension Span<UInt8> {
  /// Whether the bytes are `text`, which is in lower case.
  fileprivate func isEqualIgnoringCase(to text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { expected in
      for index in expected.indices {
        let byte = self[index]
        let isCapital = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
        if (isCapital ? byte | 0x20 : byte) != expected[index] { return false }
      }
      return true
    }
  }

  /// Calls `body` with each part of a list, without the space around it.
  fileprivate func forEachPart(separator: Unicode.Scalar, _ body: (Span<UInt8>) -> Void) {
    let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    var start = 0
    for index in 0...count where index == count || UInt32(self[index]) == separator.value {
      var end = index
      while start < end, isSpace(self[start]) { start += 1 }
      while end > start, isSpace(self[end - 1]) { end -= 1 }
      body(extracting(start..<end))
      start = index + 1
    }
  }

  /// Whether this is `q=0`, with or without zeros behind a point.
  fileprivate var isZeroWeight: Bool {
    guard count >= 3, self[0] | 0x20 == UInt8(ascii: "q"), self[1] == UInt8(ascii: "=") else { return false }
    for index in 2..<count where self[index] != UInt8(ascii: "0") && self[index] != UInt8(ascii: ".") { return false }
    return true
  }
}
