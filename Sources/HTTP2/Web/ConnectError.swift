import FoundationEssentials
import Protobuf
import RPC

/// Errors as the Connect protocol writes them.
enum ConnectError {
  private struct Detail: Encodable {
    var type: String
    var value: String
  }

  private struct Body: Encodable {
    var code: String
    var message: String?
    var details: [Detail]?

    init(_ error: RPCError) {
      code = ConnectError.name(error.code)
      message = error.message.isEmpty ? nil : error.message
      let details = error.packedDetails.map { detail in
        Detail(type: detail.messageName, value: String(decoding: Base64.encode(detail.value), as: UTF8.self))
      }
      self.details = details.isEmpty ? nil : details
    }
  }

  private struct EndOfStream: Encodable {
    var error: Body?
    var metadata: [String: [String]]?
  }

  /// The body of a response that is an error.
  static func json(_ error: RPCError) -> [UInt8] { encode(Body(error)) }

  /// The last message of a stream.
  static func endOfStream(_ error: RPCError?, trailers: Metadata?) -> [UInt8] {
    var metadata: [String: [String]] = [:]
    trailers?.forEachField { name, value in
      metadata[String(copying: name), default: []].append(String(copying: value))
    }
    return encode(EndOfStream(error: error.map(Body.init), metadata: metadata.isEmpty ? nil : metadata))
  }

  private static func encode(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings and arrays of them cannot fail to be JSON.
    return (try? encoder.encode(value)).map { [UInt8]($0) } ?? Array("{}".utf8)
  }

  /// A code's name in Connect: `not_found`. With one l in “canceled”.
  static func name(_ code: StatusCode) -> String {
    code == .cancelled ? "canceled" : code.description.lowercased()
  }

  static func httpStatus(_ code: StatusCode) -> Int {
    switch code {
    case .ok: 200
    case .cancelled: 499
    case .invalidArgument, .failedPrecondition, .outOfRange: 400
    case .unauthenticated: 401
    case .permissionDenied: 403
    case .notFound: 404
    case .alreadyExists, .aborted: 409
    case .resourceExhausted: 429
    case .unimplemented: 501
    case .unavailable: 503
    case .deadlineExceeded: 504
    case .unknown, .internal, .dataLoss: 500
    }
  }
}

extension String {
  fileprivate init(copying bytes: Span<UInt8>) {
    self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }
}
