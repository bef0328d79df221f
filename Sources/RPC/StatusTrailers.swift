import Protobuf

/// The status of a call as header fields, both ways.
public enum StatusTrailers {
  /// `grpc-status` and, where there is something to say, `grpc-message` and `grpc-status-details-bin`.
  public static func encode(_ error: RPCError?) -> Metadata {
    var metadata = Metadata()
    guard let error else {
      metadata.appendUnchecked("grpc-status".utf8, "0".utf8)
      return metadata
    }
    metadata.appendUnchecked("grpc-status".utf8, String(error.code.rawValue).utf8)
    if !error.message.isEmpty {
      metadata.appendUnchecked("grpc-message".utf8, PercentEncoding.encode(error.message))
    }
    if let details = StatusDetails.encode(error) {
      metadata.appendUnchecked("grpc-status-details-bin".utf8, Base64.encode(details))
    }
    return metadata
  }

  /// The status that trailers carry.
  /// The fields that make up the status are taken out of the metadata.
  public static func decode(_ trailers: inout Metadata) -> Status {
    guard let text = trailers["grpc-status"] else { return .missing }
    let message = trailers["grpc-message"].map { PercentEncoding.decode($0.utf8) } ?? ""
    let details = trailers.binaryValues("grpc-status-details-bin").first
    trailers.remove("grpc-status")
    trailers.remove("grpc-message")
    trailers.remove("grpc-status-details-bin")
    let code = Int(digits: text).flatMap(StatusCode.init(rawValue:)) ?? .unknown
    guard code != .ok else { return .ok }
    var error = RPCError(code, message)
    if let details { StatusDetails.decode(details, into: &error) }
    return .failed(error)
  }

  /// What trailers say.
  public enum Status: Sendable, Equatable {
    case missing
    case ok
    case failed(RPCError)
  }
}
