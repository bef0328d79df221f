import CNghttp2

/// Why a server ends a connection: what the peer hears in the GOAWAY, and what the log says.
struct ConnectionEnd: Error, Sendable {
  let code: nghttp2_error_code
  /// The GOAWAY's debug data, and the reason in the log.
  let reason: StaticString

  private init(_ code: nghttp2_error_code, _ reason: StaticString) {
    self.code = code
    self.reason = reason
  }

  // The peer does too much of what costs it nothing.
  static let tooManyPings = ConnectionEnd(NGHTTP2_ENHANCE_YOUR_CALM, "too_many_pings")
  static let tooManyIdleFrames = ConnectionEnd(NGHTTP2_ENHANCE_YOUR_CALM, "too_many_idle_frames")
  static let tooManyResets = ConnectionEnd(NGHTTP2_ENHANCE_YOUR_CALM, "too_many_resets")
  static let tooManyProvokedResets = ConnectionEnd(NGHTTP2_ENHANCE_YOUR_CALM, "too_many_provoked_resets")
  static let tooManyContinuations = ConnectionEnd(NGHTTP2_ENHANCE_YOUR_CALM, "too_many_continuations")
  static let tooManyAcknowledgments = ConnectionEnd(NGHTTP2_ENHANCE_YOUR_CALM, "too_many_acknowledgments")

  // The server holds more for its peers than it may, and the most for this one.
  static let tooManyBytes = ConnectionEnd(NGHTTP2_ENHANCE_YOUR_CALM, "too_many_bytes")

  // The peer is too slow.
  static let handshakeTimeout = ConnectionEnd(NGHTTP2_SETTINGS_TIMEOUT, "handshake_timeout")
  static let headersTimeout = ConnectionEnd(NGHTTP2_ENHANCE_YOUR_CALM, "headers_timeout")
  static let stalledWrite = ConnectionEnd(NGHTTP2_ENHANCE_YOUR_CALM, "stalled_write")
  static let keepaliveTimeout = ConnectionEnd(NGHTTP2_NO_ERROR, "keepalive_timeout")

  // The peer speaks another protocol.
  static let badPreface = ConnectionEnd(NGHTTP2_PROTOCOL_ERROR, "not_http2")
  static let protocolError = ConnectionEnd(NGHTTP2_PROTOCOL_ERROR, "protocol_error")
  static let internalError = ConnectionEnd(NGHTTP2_INTERNAL_ERROR, "internal_error")

  // Nobody did anything wrong.
  static let maxAge = ConnectionEnd(NGHTTP2_NO_ERROR, "max_age")

  /// What a failure of nghttp2 means; all of these are fatal.
  init(libraryError: Int32) {
    switch libraryError {
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue: self = .badPreface
    case NGHTTP2_ERR_FLOODED.rawValue: self = .tooManyAcknowledgments
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue: self = .tooManyContinuations
    case NGHTTP2_ERR_NOMEM.rawValue, NGHTTP2_ERR_CALLBACK_FAILURE.rawValue: self = .internalError
    default: self = .protocolError
    }
  }
}
