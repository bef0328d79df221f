import CNghttp2
import RPC

/// Header fields to send: prepared ones, whose bytes live as long as the process and are never copied, and others.
struct HeaderList {
  private let prepared: PreparedFields
  private let others: Metadata?

  init(_ prepared: PreparedFields, _ others: Metadata? = nil) {
    self.prepared = prepared
    self.others = others
  }

  /// There are no other fields than prepared ones.
  var isPrepared: Bool { others == nil }

  /// As HTTP/2 counts them: names, values, and 32 for each field.
  var byteCount: Int { prepared.byteCount + (others?.byteCount ?? 0) }

  /// How a call ends whose response has more header bytes than `limit`.
  static func tooLarge(limit: Int) -> RPCError {
    RPCError(.resourceExhausted, "the header fields of the response are over the limit of \(limit) bytes")
  }

  /// How a call ended, after other fields. `ok`, where given, are the prepared fields of a good end.
  init(status error: RPCError?, _ trailers: Metadata?, after prepared: PreparedFields, ok: PreparedFields? = nil) {
    // A comparison would copy the error.
    if case nil = error, let ok {
      self.init(ok, trailers)
      return
    }
    var fields = StatusTrailers.encode(error)
    if let trailers { fields.append(contentsOf: trailers) }
    self.init(prepared, fields)
  }

  func withFields<R>(_ body: (UnsafeBufferPointer<nghttp2_nv>) -> R) -> R {
    guard let others, !others.isEmpty else { return body(prepared.fields) }
    var fields = Array(prepared.fields)
    fields.reserveCapacity(fields.count + others.count)
    return others.withUnsafeFields { name, value in
      fields.append(
        nghttp2_nv(
          name: UnsafeMutablePointer(mutating: name.baseAddress),
          value: UnsafeMutablePointer(mutating: value.baseAddress),
          namelen: name.count,
          valuelen: value.count,
          flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)
        )
      )
    } finally: {
      fields.withUnsafeBufferPointer(body)
    }
  }
}

/// Header fields that are made once.
struct PreparedFields: @unchecked Sendable {
  fileprivate let fields: UnsafeBufferPointer<nghttp2_nv>
  fileprivate let byteCount: Int

  init(_ pairs: [(StaticString, StaticString)]) {
    let flags = UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)
    let fields = UnsafeMutableBufferPointer<nghttp2_nv>.allocate(capacity: pairs.count)
    for (index, pair) in pairs.enumerated() {
      fields.initializeElement(
        at: index,
        to: nghttp2_nv(
          name: UnsafeMutablePointer(mutating: pair.0.utf8Start),
          value: UnsafeMutablePointer(mutating: pair.1.utf8Start),
          namelen: pair.0.utf8CodeUnitCount,
          valuelen: pair.1.utf8CodeUnitCount,
          flags: flags
        )
      )
    }
    self.fields = UnsafeBufferPointer(fields)
    byteCount = fields.reduce(0) { $0 + $1.namelen + $1.valuelen + Metadata.fieldOverhead }
  }

  static let none = PreparedFields([])

  private struct Responses {
    let identity: PreparedFields
    let gzip: PreparedFields
    let deflate: PreparedFields

    init(_ contentType: StaticString) {
      let fields: [(StaticString, StaticString)] = [(":status", "200"), ("content-type", contentType)]
      identity = PreparedFields(fields)
      gzip = PreparedFields(fields + [("grpc-encoding", Compression.gzip.name)])
      deflate = PreparedFields(fields + [("grpc-encoding", Compression.deflate.name)])
    }
  }

  private static let responses = Responses("application/grpc")
  private static let jsonResponses = Responses("application/grpc+json")

  /// The headers of a response whose messages are written so, and may be packed so.
  static func response(_ codec: MessageCodec, _ compression: Compression = .identity) -> PreparedFields {
    let responses = codec == .protobuf ? responses : jsonResponses
    return switch compression {
    case .identity: responses.identity
    case .gzip: responses.gzip
    case .deflate: responses.deflate
    }
  }

  static let okTrailers = PreparedFields([("grpc-status", "0")])
  static let request = PreparedFields([(":method", "POST"), (":scheme", "http")])
  static let secureRequest = PreparedFields([(":method", "POST"), (":scheme", "https")])
}
