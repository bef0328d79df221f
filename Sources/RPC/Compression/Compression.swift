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

  /// The encoding with this name; nil when it is not known here.
  public init?(name: Span<UInt8>) {
    for known in Compression.allCases where name.isEqual(to: known.name) {
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

  /// A list such as `identity, deflate, gzip`; what is not known here is passed over.
  public init(list: Span<UInt8>) {
    var start = 0
    for index in 0...list.count where index == list.count || list[index] == UInt8(ascii: ",") {
      var end = index
      while start < end, list[start] == UInt8(ascii: " ") { start += 1 }
      while end > start, list[end - 1] == UInt8(ascii: " ") { end -= 1 }
      if let known = Compression(name: list.extracting(start..<end)) { insert(known) }
      start = index + 1
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
  func isEqual(to text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { expected in
      for index in expected.indices where self[index] != expected[index] { return false }
      return true
    }
  }
}
