import Protobuf

/// google.rpc.Status and its details, as they travel in `grpc-status-details-bin`.
enum StatusDetails {
  static func badRequest(_ violations: [RPCError.FieldViolation]) -> GoogleProtobuf.`Any` {
    pack("BadRequest") { writer in
      for violation in violations {
        writer.message(1) {
          $0.string(1, violation.field)
          $0.string(2, violation.description)
          $0.string(3, violation.reason)
        }
      }
    }
  }

  static func resourceInfo(type: String, name: String) -> GoogleProtobuf.`Any` {
    pack("ResourceInfo") {
      $0.string(1, type)
      $0.string(2, name)
    }
  }

  static func preconditionFailure(type: String, subject: String, description: String) -> GoogleProtobuf.`Any` {
    pack("PreconditionFailure") {
      $0.message(1) {
        $0.string(1, type)
        $0.string(2, subject)
        $0.string(3, description)
      }
    }
  }

  static func quotaFailure(subject: String, description: String) -> GoogleProtobuf.`Any` {
    pack("QuotaFailure") {
      $0.message(1) {
        $0.string(1, subject)
        $0.string(2, description)
      }
    }
  }

  static func retryInfo(_ delay: Duration) -> GoogleProtobuf.`Any` {
    let (seconds, attoseconds) = delay.components
    return pack("RetryInfo") {
      $0.message(1) {
        $0.varint(1, UInt64(bitPattern: seconds))
        $0.varint(2, UInt64(bitPattern: attoseconds / 1_000_000_000))
      }
    }
  }

  /// The google.rpc.Status of an error, or nil when code and message say it all.
  static func encode(_ error: RPCError) -> [UInt8]? {
    var details = error.details
    if let reason = error.reason {
      details.insert(
        pack("ErrorInfo") { writer in
          writer.string(1, reason)
          writer.string(2, RPCError.domain)
          for (key, value) in error.metadata.sorted(by: { $0.key < $1.key }) {
            writer.message(3) {
              $0.string(1, key)
              $0.string(2, value)
            }
          }
        }, at: 0)
    }
    guard !details.isEmpty else { return nil }
    var writer = WireWriter()
    writer.varint(1, UInt64(error.code.rawValue))
    writer.string(2, error.message)
    for detail in details {
      writer.message(3) {
        $0.string(1, detail.typeUrl)
        $0.bytes(2, detail.value)
      }
    }
    return writer.bytes
  }

  /// Adds to an error what a google.rpc.Status says beyond code and message. Bytes that are none add nothing.
  static func decode(_ bytes: [UInt8], into error: inout RPCError) {
    guard let fields = WireReader.fields(bytes) else { return }
    for field in fields where field.number == 3 {
      guard let any = WireReader.fields(field.bytes) else { continue }
      var detail = GoogleProtobuf.`Any`()
      for part in any {
        if part.number == 1 { detail.typeUrl = String(decoding: part.bytes, as: UTF8.self) }
        if part.number == 2 { detail.value = part.bytes }
      }
      if detail.typeUrl == typeURL("ErrorInfo"), let info = WireReader.fields(detail.value), error.reason == nil {
        for part in info {
          if part.number == 1 { error.reason = String(decoding: part.bytes, as: UTF8.self) }
          if part.number == 3, let entry = WireReader.fields(part.bytes) {
            let key = String(decoding: entry.last { $0.number == 1 }.map(\.bytes) ?? [], as: UTF8.self)
            let value = String(decoding: entry.last { $0.number == 2 }.map(\.bytes) ?? [], as: UTF8.self)
            error.metadata[key] = value
          }
        }
      } else {
        error.details.append(detail)
      }
    }
  }

  private static func typeURL(_ name: String) -> String { "type.googleapis.com/google.rpc.\(name)" }

  private static func pack(_ name: String, _ body: (inout WireWriter) -> Void) -> GoogleProtobuf.`Any` {
    var writer = WireWriter()
    body(&writer)
    return GoogleProtobuf.`Any`(typeUrl: typeURL(name), value: writer.bytes)
  }
}

private struct WireWriter {
  var bytes: [UInt8] = []

  mutating func varint(_ number: Int, _ value: UInt64) {
    guard value != 0 else { return }
    raw(UInt64(number << 3))
    raw(value)
  }

  mutating func string(_ number: Int, _ value: String) { self.bytes(number, Array(value.utf8)) }

  mutating func bytes(_ number: Int, _ value: [UInt8]) {
    guard !value.isEmpty else { return }
    length(number, value)
  }

  mutating func message(_ number: Int, _ body: (inout WireWriter) -> Void) {
    var writer = WireWriter()
    body(&writer)
    length(number, writer.bytes)
  }

  private mutating func length(_ number: Int, _ value: [UInt8]) {
    raw(UInt64(number << 3 | 2))
    raw(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  private mutating func raw(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }
}

private enum WireReader {
  struct Field {
    var number: UInt64
    var bytes: [UInt8] = []
  }

  /// The fields of a message, those of other wire types than 2 without content; nil when it is malformed.
  static func fields(_ bytes: [UInt8]) -> [Field]? {
    var fields: [Field] = []
    var offset = 0
    func varint() -> UInt64? {
      var value: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 70, by: 7) {
        guard offset < bytes.count else { return nil }
        let byte = bytes[offset]
        offset += 1
        value |= UInt64(byte & 0x7f) << shift
        if byte < 0x80 { return value }
      }
      return nil
    }
    while offset < bytes.count {
      guard let tag = varint() else { return nil }
      var field = Field(number: tag >> 3)
      switch tag & 7 {
      case 0: guard varint() != nil else { return nil }
      case 1: offset += 8
      case 5: offset += 4
      case 2:
        guard let length = varint(), length <= UInt64(bytes.count - offset) else { return nil }
        field.bytes = Array(bytes[offset..<offset + Int(length)])
        offset += Int(length)
      default: return nil
      }
      fields.append(field)
    }
    return offset == bytes.count ? fields : nil
  }
}
