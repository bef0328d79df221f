/// What a response means to a client. A value: it decides, and others do.
///
///     waiting ──headers──▶ open ──trailers──▶ finished
///        └────────trailers only──────────────────▲
public struct ClientCallState: Sendable {
  /// What a block of header fields turns out to be.
  public enum Block: Sendable, Equatable {
    /// Nothing to act on, such as an informational response.
    case nothing
    case headers(Metadata)
    /// The end of the call: nil is OK.
    case end(RPCError?, trailers: Metadata)
  }

  private var hasHeaders = false

  public init() {}

  /// A block has come in. `httpStatus` is nil in trailers.
  public mutating func receive(httpStatus: Int?, isGRPC: Bool, fields: Metadata, end: Bool) -> Block {
    if let httpStatus, (100..<200).contains(httpStatus) { return .nothing }
    var fields = fields
    let status = StatusTrailers.decode(&fields)
    if end {
      switch status {
      case .ok: return .end(nil, trailers: fields)
      case .failed(let error): return .end(error, trailers: fields)
      case .missing:
        return .end(ClientCallState.withoutStatus(httpStatus), trailers: fields)
      }
    }
    guard !hasHeaders else { return .end(RPCError(.internal, "the server sent headers twice"), trailers: fields) }
    hasHeaders = true
    if let httpStatus, httpStatus != 200 {
      return .end(ClientCallState.withoutStatus(httpStatus), trailers: fields)
    }
    guard isGRPC else { return .end(RPCError(.unknown, "the response is not gRPC"), trailers: fields) }
    return .headers(fields)
  }

  private static func withoutStatus(_ httpStatus: Int?) -> RPCError {
    guard let httpStatus, httpStatus != 200 else {
      return RPCError(.unknown, "the server sent no status")
    }
    return RPCError(StatusCode(httpStatus: httpStatus), "the server answered with HTTP status \(httpStatus)")
  }
}
