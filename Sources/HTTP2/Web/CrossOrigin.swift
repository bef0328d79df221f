import RPC

/// Which web pages may call, by the origin that their browser names (the CORS protocol of the Fetch standard).
public struct CrossOrigin: Sendable, Hashable {
  /// Time that a browser may keep what it learned, in seconds.
  private static let maxAgeSeconds = 7_200

  /// Such as `https://app.example.com`; `*` is every origin.
  public var allowedOrigins: Set<String>

  public init(allowedOrigins: Set<String> = []) { self.allowedOrigins = allowedOrigins }

  func allows(_ origin: String) -> Bool { allowedOrigins.contains("*") || allowedOrigins.contains(origin) }

  /// What a response says to the browser; nothing to a page that may not call, whose browser then keeps the response from
  /// it.
  func headers(for request: Metadata) -> Metadata {
    var headers = Metadata()
    guard let origin = request["origin"], allows(origin) else { return headers }
    headers.put("access-control-allow-origin", origin)
    headers.put("access-control-expose-headers", "*,grpc-status,grpc-message,grpc-status-details-bin")
    headers.put("vary", "origin")
    return headers
  }

  /// The answer to the question that a browser asks before a call.
  func preflight(_ request: Metadata) -> Metadata {
    var headers = Metadata()
    headers.put(":status", "204")
    guard let origin = request["origin"], allows(origin) else { return headers }
    headers.put("access-control-allow-origin", origin)
    headers.put("access-control-allow-methods", "GET, POST")
    // Metadata may have any name, so whatever is asked for may be sent.
    if let names = request["access-control-request-headers"] { headers.put("access-control-allow-headers", names) }
    headers.put("access-control-max-age", String(Self.maxAgeSeconds))
    headers.put("vary", "origin, access-control-request-headers")
    return headers
  }
}
