import Glibc
import RPC

/// What the headers of a request say, gathered field by field, and what follows from it.
struct RequestHead {
  enum ContentType { case missing, grpc, other }
  enum Method { case post, get, head, options, other }

  /// What to do with a request.
  enum Decision {
    case accept(Endpoint, timeoutNanoseconds: UInt64?)
    /// Another protocol on the same port.
    case web(WebProtocol)
    /// Connect's GET, whose message is in the query.
    case query
    /// A browser's question whether a page may call.
    case preflight
    /// In no protocol that is served; see `Refusal`.
    case methodNotAllowed
    case unsupportedMediaType
    case headersTooLarge
    case reject(RPCError)
  }

  private(set) var method = Method.other
  private(set) var contentType = ContentType.missing
  /// How the messages of a gRPC request are written.
  private(set) var codec = MessageCodec.protobuf
  private(set) var endpoint: Endpoint?
  /// What only other protocols than gRPC have.
  private var other: Other?
  private(set) var hasTimeout = false
  private(set) var timeoutNanoseconds: UInt64?
  /// How request messages may be packed; nil if by an encoding that is not known here.
  private(set) var compression: Compression? = .identity
  private(set) var accepted = AcceptedCompressions()
  private(set) var isOverLimit = false
  private(set) var metadata = Metadata()
  private var fieldCount = 0
  private var fieldBytes = 0

  /// Apart, so that a gRPC request carries a pointer and no more.
  private final class Other {
    /// The text of a content type other than gRPC's.
    var contentType = ""
    /// The method before the question mark of a path, and what stands behind it; only a GET may have that.
    var query: (endpoint: Endpoint, text: [UInt8])?
  }

  /// Connect's GET.
  var query: (endpoint: Endpoint, text: [UInt8])? { other?.query }

  /// A field. Nothing is stored once a limit is passed. True for the path, which is to be routed then.
  mutating func add(_ name: Span<UInt8>, _ value: Span<UInt8>, maxFields: Int, maxBytes: Int) -> Bool {
    fieldCount &+= 1
    fieldBytes &+= name.count &+ value.count &+ 32
    guard fieldCount <= maxFields, fieldBytes <= maxBytes else {
      isOverLimit = true
      metadata = Metadata()
      return false
    }
    switch name.count {
    case 2 where name.equals("te"): break
    case 5 where name.equals(":path"): return true
    case 7 where name.equals(":method"): method = Method(value)
    case 7 where name.equals(":scheme"): break
    case 10 where name.equals(":authority"): break
    case 12 where name.equals("content-type"):
      contentType = value.hasPrefix("application/grpc") && !value.hasPrefix("application/grpc-") ? .grpc : .other
      if contentType == .other { keep(contentType: value) }
      if contentType == .grpc, value.isJSON { codec = .json }
    case 12 where name.equals("grpc-timeout"):
      hasTimeout = true
      timeoutNanoseconds = Timeout.parse(value)
    case 13 where name.equals("grpc-encoding"):
      compression = Compression(name: value)
    case 14 where name.equals("content-length"): break
    case 20 where name.equals("grpc-accept-encoding"): accepted.insert(list: value)
    default: metadata.append(name: name, value: value)
    }
    return false
  }

  mutating func route(_ path: Span<UInt8>, _ router: Router) {
    endpoint = router.endpoint(path: path)
    if endpoint == nil { splitQuery(path, router) }
  }

  /// The metadata, which is the call's from then on.
  mutating func takeMetadata() -> Metadata {
    let taken = metadata
    metadata = Metadata()
    return taken
  }

  /// As good as new; cheaper than a new one, since most of it is still as it was.
  mutating func reset() {
    method = .other
    contentType = .missing
    codec = .protobuf
    endpoint = nil
    if other != nil { other = nil }
    hasTimeout = false
    timeoutNanoseconds = nil
    compression = .identity
    accepted = AcceptedCompressions()
    isOverLimit = false
    if !metadata.isEmpty { metadata = Metadata() }
    fieldCount = 0
    fieldBytes = 0
  }

  /// What another protocol's own headers say of compression.
  mutating func accept(_ accepted: AcceptedCompressions) { self.accepted = accepted }

  mutating func use(_ compression: Compression) { self.compression = compression }

  /// To be asked once all fields are in.
  mutating func decide() -> Decision {
    if isOverLimit, contentType == .other { return .headersTooLarge }
    if isOverLimit { return .reject(RPCError(.resourceExhausted, "the request has too many or too large headers")) }
    if method != .post || contentType != .grpc { return decideOther() }
    guard let endpoint else { return .reject(RPCError(.unimplemented, "there is no such method")) }
    guard compression != nil else {
      return .reject(RPCError(.unimplemented, "the encoding of the request is not one of \(Compression.acceptable)"))
    }
    if hasTimeout, timeoutNanoseconds == nil {
      return .reject(RPCError(.internal, "grpc-timeout is malformed"))
    }
    return .accept(endpoint, timeoutNanoseconds: timeoutNanoseconds)
  }

  /// For what is not gRPC.
  private func decideOther() -> Decision {
    switch method {
    case .post: WebProtocol(contentType: other?.contentType ?? "").map { .web($0) } ?? .unsupportedMediaType
    case .get where query != nil: .query
    case .options where metadata["access-control-request-method"] != nil: .preflight
    default: .methodNotAllowed
    }
  }

  private mutating func keep(contentType: Span<UInt8>) {
    let other = other ?? Other()
    other.contentType = contentType.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    self.other = other
  }

  private mutating func splitQuery(_ path: Span<UInt8>, _ router: Router) {
    for index in path.indices where path[index] == UInt8(ascii: "?") {
      guard let endpoint = router.endpoint(path: path.extracting(..<index)) else { return }
      let other = other ?? Other()
      self.other = other
      other.query = (endpoint, path.extracting((index + 1)...).withUnsafeBufferPointer { Array($0) })
      return
    }
  }
}

extension RequestHead.Method {
  fileprivate init(_ name: Span<UInt8>) {
    if name.equals("POST") {
      self = .post
    } else if name.equals("GET") {
      self = .get
    } else {
      self = name.equals("OPTIONS") ? .options : name.equals("HEAD") ? .head : .other
    }
  }
}

extension Span<UInt8> {
  /// Of gRPC's content types; parameters, such as a character set, tell nothing here.
  fileprivate var isJSON: Bool {
    let type: StaticString = "application/grpc+json"
    guard hasPrefix(type) else { return false }
    return count == type.utf8CodeUnitCount
      || [UInt8(ascii: ";"), UInt8(ascii: " ")].contains(self[type.utf8CodeUnitCount])
  }

  func equals(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && hasPrefix(text) }

  func hasPrefix(_ text: StaticString) -> Bool {
    guard count >= text.utf8CodeUnitCount else { return false }
    return withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return true }
      return memcmp(start, text.utf8Start, text.utf8CodeUnitCount) == 0
    }
  }
}
