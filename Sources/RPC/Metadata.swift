import Protobuf

/// The metadata of a call: header fields in their order, names in lower case.
///
/// All bytes lie in one buffer, in the form they have on the wire, and are turned into strings only when read. A name
/// that ends in `-bin` carries bytes, in base64 on the wire.
public struct Metadata: Sendable, Hashable {
  struct Field: Sendable, Hashable {
    var nameStart: UInt32
    var valueStart: UInt32
    var valueEnd: UInt32
  }

  private(set) var bytes: [UInt8] = []
  private(set) var fields: [Field] = []

  public init() {}

  public var isEmpty: Bool { fields.isEmpty }
  public var count: Int { fields.count }

  /// The text of the first field with this name; setting replaces every field with this name.
  public subscript(name: String) -> String? {
    get {
      for field in fields where matches(field, name) { return value(of: field) }
      return nil
    }
    set {
      remove(name)
      if let newValue { add(name, newValue) }
    }
  }

  /// The text of every field with this name, in order.
  public func values(_ name: String) -> [String] {
    fields.compactMap { matches($0, name) ? value(of: $0) : nil }
  }

  /// The bytes of every field with this name, which ends in `-bin`: several values may share a field, separated by
  /// commas. What is not base64 is left out.
  public func binaryValues(_ name: String) -> [[UInt8]] {
    var result: [[UInt8]] = []
    for field in fields where matches(field, name) {
      let text = bytes[Int(field.valueStart)..<Int(field.valueEnd)]
      for part in text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
        var part = part
        while part.first == UInt8(ascii: " ") { part.removeFirst() }
        while part.last == UInt8(ascii: " ") { part.removeLast() }
        if let decoded = Base64.decode(part) { result.append(decoded) }
      }
    }
    return result
  }

  /// Adds a field. False, and nothing is added, when gRPC does not allow the name (lower case letters, digits, `_`,
  /// `-` and `.`; nothing that begins with `grpc-` and none of the names that HTTP/2 reserves) or the value (printable
  /// ASCII; base64 for a `-bin` name).
  @discardableResult
  public mutating func add(_ name: String, _ value: String) -> Bool {
    let name = name.lowercased()
    guard Metadata.isAllowed(name: name), value.utf8.allSatisfy({ $0 >= 0x20 && $0 <= 0x7e }) else { return false }
    appendUnchecked(name.utf8, value.utf8)
    return true
  }

  /// Adds bytes under a name that ends in `-bin`; false, and nothing is added, when it does not or is not allowed.
  @discardableResult
  public mutating func add(_ name: String, binary value: [UInt8]) -> Bool {
    let name = name.lowercased()
    guard name.hasSuffix("-bin"), Metadata.isAllowed(name: name) else { return false }
    appendUnchecked(name.utf8, Base64.encode(value))
    return true
  }

  /// Removes every field with this name.
  public mutating func remove(_ name: String) {
    guard fields.contains(where: { matches($0, name) }) else { return }
    // The bytes go too: equal metadata has equal bytes.
    var rest = Metadata()
    for field in fields where !matches(field, name) {
      rest.appendUnchecked(
        bytes[Int(field.nameStart)..<Int(field.valueStart)],
        bytes[Int(field.valueStart)..<Int(field.valueEnd)]
      )
    }
    self = rest
  }

  private static func isAllowed(name: String) -> Bool {
    guard !name.isEmpty, !name.hasPrefix("grpc-") else { return false }
    switch name {
    case "te", "content-type", "content-length", "connection", "host", "transfer-encoding", "upgrade", "keep-alive",
      "proxy-connection":
      return false
    default: break
    }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
        UInt8(ascii: "-"), UInt8(ascii: "."):
        true
      default: false
      }
    }
  }

  private func matches(_ field: Field, _ name: String) -> Bool {
    var index = Int(field.nameStart)
    let end = Int(field.valueStart)
    guard name.utf8.count == end - index else { return false }
    for byte in name.utf8 {
      let lower = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
      guard bytes[index] == lower else { return false }
      index += 1
    }
    return true
  }

  private func value(of field: Field) -> String {
    String(decoding: bytes[Int(field.valueStart)..<Int(field.valueEnd)], as: UTF8.self)
  }
}

// MARK: - For transports

extension Metadata {
  /// Adds a field as it came from the wire, unchecked.
  public mutating func append(name: Span<UInt8>, value: Span<UInt8>) {
    let start = bytes.count
    if start == 0 {
      // Most requests have a handful of fields, and need no second allocation.
      bytes.reserveCapacity(max(name.count + value.count, 224))
      fields.reserveCapacity(8)
    }
    name.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    let valueStart = bytes.count
    value.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    fields.append(
      Field(nameStart: UInt32(start), valueStart: UInt32(valueStart), valueEnd: UInt32(bytes.count))
    )
  }

  mutating func appendUnchecked(_ name: some Collection<UInt8>, _ value: some Collection<UInt8>) {
    let start = bytes.count
    bytes.append(contentsOf: name)
    let valueStart = bytes.count
    bytes.append(contentsOf: value)
    fields.append(
      Field(nameStart: UInt32(start), valueStart: UInt32(valueStart), valueEnd: UInt32(bytes.count))
    )
  }

  /// Bytes that HTTP/2 counts for each field besides its name and value (RFC 9113, section 6.5.2).
  public static let fieldOverhead = 32

  /// The size of the fields as HTTP/2 counts it.
  public var byteCount: Int { bytes.count + fields.count * Metadata.fieldOverhead }

  /// Tells a client whose encoding is not known which are.
  public static let acceptableCompressions: Metadata = {
    var metadata = Metadata()
    metadata.appendUnchecked("grpc-accept-encoding".utf8, "\(Compression.acceptable)".utf8)
    return metadata
  }()

  /// Calls `body` with every field, as bytes in wire form.
  public func forEachField(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
    let all = bytes.span
    for field in fields {
      body(
        all.extracting(Int(field.nameStart)..<Int(field.valueStart)),
        all.extracting(Int(field.valueStart)..<Int(field.valueEnd))
      )
    }
  }

  /// Adds every field of `other`.
  public mutating func append(contentsOf other: Metadata) {
    other.forEachField { append(name: $0, value: $1) }
  }
}

extension Metadata: ExpressibleByDictionaryLiteral {
  /// Fields that are not allowed are left out, as `add` does.
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }
}

extension Metadata: CustomStringConvertible {
  /// Names only: values may be credentials.
  public var description: String {
    var names: [String] = []
    for field in fields {
      names.append(String(decoding: bytes[Int(field.nameStart)..<Int(field.valueStart)], as: UTF8.self))
    }
    return "Metadata(\(names.joined(separator: ", ")))"
  }
}

extension Metadata {
  /// For transports that speak C: `collect` sees every field, and what it sees stays valid during `finally`.
  public func withUnsafeFields<R>(
    _ collect: (_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Void,
    finally: () -> R
  ) -> R {
    bytes.withUnsafeBufferPointer { all in
      for field in fields {
        collect(
          UnsafeBufferPointer(rebasing: all[Int(field.nameStart)..<Int(field.valueStart)]),
          UnsafeBufferPointer(rebasing: all[Int(field.valueStart)..<Int(field.valueEnd)])
        )
      }
      return finally()
    }
  }
}
