/// The descriptor of one `.proto` file, as generated code embeds it for reflection.
public struct ProtoFile: Sendable, Hashable {
  /// The file's path as imports spell it, for example `google/rpc/status.proto`.
  public let path: String
  /// The files that it imports, in their order.
  public let dependencies: [ProtoFile]
  private let base64: StaticString

  /// Made by generated code. `base64` is the serialized FileDescriptorProto in padded base64.
  public init(path: String, dependencies: [ProtoFile], base64: StaticString) {
    self.path = path
    self.dependencies = dependencies
    self.base64 = base64
  }

  /// The serialized `google.protobuf.FileDescriptorProto`. Decoded anew at each call: keep it when it is asked for
  /// often.
  public var serializedBytes: [UInt8] {
    base64.withUTF8Buffer { text in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(text.count / 4 * 3)
      var bits: UInt32 = 0
      var count = 0
      for character in text {
        guard let sextet = Self.sextet(character) else { continue }
        bits = bits << 6 | sextet
        count += 6
        if count >= 8 {
          count -= 8
          bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
      }
      return bytes
    }
  }

  /// This file and everything that it imports, directly or not: imported files first, each once.
  public var transitiveClosure: [ProtoFile] {
    var seen: Set<String> = []
    var ordered: [ProtoFile] = []
    func visit(_ file: ProtoFile) {
      guard seen.insert(file.path).inserted else { return }
      file.dependencies.forEach(visit)
      ordered.append(file)
    }
    visit(self)
    return ordered
  }

  /// Paths are unique in a program, so that they stand for the files.
  public static func == (left: Self, right: Self) -> Bool { left.path == right.path }

  public func hash(into hasher: inout Hasher) { hasher.combine(path) }

  private static func sextet(_ character: UInt8) -> UInt32? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
