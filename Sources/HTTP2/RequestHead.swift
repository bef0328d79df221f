import Glibc
import RPC

/// What the headers of a request say, gathered field by field, and what follows from it.
struct RequestHead {
  enum ContentType { case missing, grpc, other }

  /// What to do with a request.
  enum Decision {
    case accept(Endpoint, timeoutNanoseconds: UInt64?)
    /// Not gRPC: an HTTP status and nothing else.
    case methodNotAllowed
    case unsupportedMediaType
    case headersTooLarge
    case reject(RPCError)
  }

  private(set) var isPost = false
  private(set) var contentType = ContentType.missing
  private(set) var endpoint: Endpoint?
  private(set) var hasTimeout = false
  private(set) var timeoutNanoseconds: UInt64?
  /// How request messages may be packed; nil if by an encoding that is not known here.
  private(set) var compression: Compression? = .identity
  private(set) var accepted = AcceptedCompressions()
  private(set) var isOverLimit = false
  private(set) var metadata = Metadata()
  private var fieldCount = 0
  private var fieldBytes = 0

  /// A field. Nothing is stored once a limit is passed.
  mutating func add(
    _ name: Span<UInt8>,
    _ value: Span<UInt8>,
    maxFields: Int,
    maxBytes: Int,
    route: (Span<UInt8>) -> Endpoint?
  ) {
    fieldCount &+= 1
    fieldBytes &+= name.count &+ value.count &+ 32
    guard fieldCount <= maxFields, fieldBytes <= maxBytes else {
      isOverLimit = true
      metadata = Metadata()
      return
    }
    switch name.count {
    case 2 where name.equals("te"): break
    case 5 where name.equals(":path"): endpoint = route(value)
    case 7 where name.equals(":method"): isPost = value.equals("POST")
    case 7 where name.equals(":scheme"): break
    case 10 where name.equals(":authority"): break
    case 12 where name.equals("content-type"):
      contentType = value.hasPrefix("application/grpc") && !value.hasPrefix("application/grpc-") ? .grpc : .other
    case 12 where name.equals("grpc-timeout"):
      hasTimeout = true
      timeoutNanoseconds = Timeout.parse(value)
    case 13 where name.equals("grpc-encoding"):
      compression = Compression(name: value)
    case 14 where name.equals("content-length"): break
    case 20 where name.equals("grpc-accept-encoding"): accepted = AcceptedCompressions(list: value)
    default: metadata.append(name: name, value: value)
    }
  }

  /// To be asked once all fields are in.
  mutating func decide() -> Decision {
    if isOverLimit, contentType == .other { return .headersTooLarge }
    if isOverLimit { return .reject(RPCError(.resourceExhausted, "the request has too many or too large headers")) }
    guard isPost else { return .methodNotAllowed }
    guard contentType == .grpc else { return .unsupportedMediaType }
    guard let endpoint else { return .reject(RPCError(.unimplemented, "there is no such method")) }
    guard compression != nil else {
      return .reject(RPCError(.unimplemented, "the encoding of the request is not one of \(Compression.acceptable)"))
    }
    if hasTimeout, timeoutNanoseconds == nil {
      return .reject(RPCError(.internal, "grpc-timeout is malformed"))
    }
    return .accept(endpoint, timeoutNanoseconds: timeoutNanoseconds)
  }
}

extension Span<UInt8> {
  func equals(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && hasPrefix(text) }

  func hasPrefix(_ text: StaticString) -> Bool {
    guard count >= text.utf8CodeUnitCount else { return false }
    return withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return true }
      return memcmp(start, text.utf8Start, text.utf8CodeUnitCount) == 0
    }
  }
}
