import Protobuf

/// google.rpc.Status and its details, as they travel in `grpc-status-details-bin`.
enum StatusDetails {
  static func badRequest(_ violations: [RPCError.FieldViolation]) -> GoogleProtobuf.`Any` {
    pack(
      GoogleRpc.BadRequest(
        fieldViolations: violations.map {
          GoogleRpc.BadRequest.FieldViolation(field: $0.field, description: $0.description, reason: $0.reason)
        }
      )
    )
  }

  static func resourceInfo(type: String, name: String) -> GoogleProtobuf.`Any` {
    pack(GoogleRpc.ResourceInfo(resourceType: type, resourceName: name))
  }

  static func preconditionFailure(type: String, subject: String, description: String) -> GoogleProtobuf.`Any` {
    pack(
      GoogleRpc.PreconditionFailure(
        violations: [GoogleRpc.PreconditionFailure.Violation(type: type, subject: subject, description: description)])
    )
  }

  static func quotaFailure(subject: String, description: String) -> GoogleProtobuf.`Any` {
    pack(
      GoogleRpc.QuotaFailure(
        violations: [GoogleRpc.QuotaFailure.Violation(subject: subject, description: description)])
    )
  }

  static func retryInfo(_ delay: Duration) -> GoogleProtobuf.`Any` {
    let (seconds, attoseconds) = delay.components
    return pack(
      GoogleRpc.RetryInfo(
        retryDelay: GoogleProtobuf.Duration(seconds: seconds, nanos: Int32(attoseconds / 1_000_000_000))
      )
    )
  }

  /// The google.rpc.Status of an error, or nil when code and message say it all.
  static func encode(_ error: RPCError) -> [UInt8]? {
    let details = error.packedDetails
    guard !details.isEmpty else { return nil }
    let status = GoogleRpc.Status(code: Int32(error.code.rawValue), message: error.message, details: details)
    return status.serializedBytes(deterministic: true)
  }

  /// Adds to an error what a google.rpc.Status says beyond code and message. Bytes that are none add nothing.
  static func decode(_ bytes: [UInt8], into error: inout RPCError) {
    guard let status = try? GoogleRpc.Status(serializedBytes: bytes) else { return }
    for detail in status.details {
      if error.reason == nil, let info = unpack(detail, as: GoogleRpc.ErrorInfo.self) {
        error.reason = info.reason
        error.metadata = info.metadata
      } else {
        error.details.append(detail)
      }
    }
  }

  /// The field violations among an error's details.
  static func violations(_ details: [GoogleProtobuf.`Any`]) -> [RPCError.FieldViolation] {
    details.compactMap { unpack($0, as: GoogleRpc.BadRequest.self) }.flatMap(\.fieldViolations).map {
      RPCError.FieldViolation(field: $0.field, description: $0.description, reason: $0.reason)
    }
  }

  private static let typePrefix = "type.googleapis.com/"

  private static func pack(_ message: some Message) -> GoogleProtobuf.`Any` {
    GoogleProtobuf.`Any`(
      typeUrl: typePrefix + type(of: message).protoName,
      value: message.serializedBytes(deterministic: true)
    )
  }

  /// The detail, if it is of this type and can be read.
  private static func unpack<M: Message>(_ detail: GoogleProtobuf.`Any`, as type: M.Type) -> M? {
    guard detail.typeUrl == typePrefix + M.protoName else { return nil }
    return try? M(serializedBytes: detail.value)
  }
}

extension RPCError {
  /// All details as they travel: ErrorInfo first, where there is a reason, and then the others.
  public var packedDetails: [GoogleProtobuf.`Any`] {
    guard let reason else { return details }
    let info = GoogleRpc.ErrorInfo(reason: reason, domain: RPCError.domain, metadata: metadata)
    return [GoogleProtobuf.`Any`(packing: info)] + details
  }
}
