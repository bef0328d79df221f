import RPC

/// The protocols that are spoken beside gRPC, by the content type of a request.
enum WebProtocol: Equatable {
  /// gRPC for browsers; as base64 text if so.
  case grpcWeb(MessageCodec, isText: Bool)
  /// Connect, for methods with one message each way.
  case connectUnary(MessageCodec)
  /// Connect, for methods that stream.
  case connectStream(MessageCodec)

  /// Nil for a content type that none of them has.
  init?(contentType: some StringProtocol) {
    // Parameters, such as a character set, tell nothing here.
    let type = contentType.prefix { $0 != ";" }.lowercased()
    switch type.split(separator: " ").first ?? "" {
    case "application/grpc-web", "application/grpc-web+proto": self = .grpcWeb(.protobuf, isText: false)
    case "application/grpc-web+json": self = .grpcWeb(.json, isText: false)
    case "application/grpc-web-text", "application/grpc-web-text+proto": self = .grpcWeb(.protobuf, isText: true)
    case "application/grpc-web-text+json": self = .grpcWeb(.json, isText: true)
    case "application/proto": self = .connectUnary(.protobuf)
    case "application/json": self = .connectUnary(.json)
    case "application/connect+proto": self = .connectStream(.protobuf)
    case "application/connect+json": self = .connectStream(.json)
    default: return nil
    }
  }

  var contentType: String {
    switch self {
    case .grpcWeb(.protobuf, isText: false): "application/grpc-web+proto"
    case .grpcWeb(.json, isText: false): "application/grpc-web+json"
    case .grpcWeb(.protobuf, isText: true): "application/grpc-web-text+proto"
    case .grpcWeb(.json, isText: true): "application/grpc-web-text+json"
    case .connectUnary(.protobuf): "application/proto"
    case .connectUnary(.json): "application/json"
    case .connectStream(.protobuf): "application/connect+proto"
    case .connectStream(.json): "application/connect+json"
    }
  }

  var codec: MessageCodec {
    switch self {
    case .grpcWeb(let codec, isText: _), .connectUnary(let codec), .connectStream(let codec): codec
    }
  }

  /// The status of a request whose bytes are malformed.
  var malformedRequest: StatusCode {
    switch self {
    case .grpcWeb: .internal
    case .connectUnary, .connectStream: .invalidArgument
    }
  }

  /// Whether a method of this kind can be called so.
  func carries(_ kind: MethodKind) -> Bool {
    switch self {
    case .grpcWeb: true
    case .connectUnary: kind == .unary
    case .connectStream: kind != .unary
    }
  }

  /// The headers that say how request messages are packed, and how responses may be.
  var compressionHeaders: (request: String, accepted: String) {
    switch self {
    case .grpcWeb: ("grpc-encoding", "grpc-accept-encoding")
    case .connectUnary: ("content-encoding", "accept-encoding")
    case .connectStream: ("connect-content-encoding", "connect-accept-encoding")
    }
  }
}
