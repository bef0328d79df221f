import CNghttp2
import RPC

extension Session {
  /// The callbacks of every session, made once.
  nonisolated(unsafe) static let callbacks: OpaquePointer? = {
    var callbacks: OpaquePointer?
    guard nghttp2_session_callbacks_new(&callbacks) == 0 else { return nil }
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, beginFrame)
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, beginHeaders)
    nghttp2_session_callbacks_set_on_header_callback(callbacks, header)
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, dataChunk)
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frameReceived)
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, frameSent)
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, frameNotSent)
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, streamClosed)
    return callbacks
  }()

  /// Calls `body` with the session. The owner keeps both session and streams alive while nghttp2 calls back, and counting
  /// references would cost more than most callbacks' work.
  private static func with<R>(_ context: UnsafeMutableRawPointer?, else fallback: R, _ body: (Session) -> R) -> R {
    guard let context else { return fallback }
    return Unmanaged<Session>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
  }

  /// Calls `body` with the stream, if it is one that the owner knows.
  private func withStream(_ id: Int32, _ body: (SessionStream) -> Void) {
    lookUp(id)?._withUnsafeGuaranteedRef(body)
  }

  private func lookUp(_ id: Int32) -> Unmanaged<SessionStream>? {
    if let current, currentID == id { return current }
    guard let pointer = nghttp2_session_get_stream_user_data(raw, id) else { return nil }
    let stream = Unmanaged<SessionStream>.fromOpaque(pointer)
    current = stream
    currentID = id
    return stream
  }

  private static let fatal = Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)

  /// Lets nothing in after the last word.
  private static let beginFrame: nghttp2_on_begin_frame_callback = { _, _, context in
    with(context, else: fatal) { $0.isTerminated ? fatal : 0 }
  }

  private static let beginHeaders: nghttp2_on_begin_headers_callback = { raw, frame, context in
    guard let frame else { return fatal }
    guard frame.pointee.hd.type == UInt8(NGHTTP2_HEADERS.rawValue),
      frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
    else { return 0 }
    let id = frame.pointee.hd.stream_id
    return with(context, else: fatal) { session in
      guard let stream = session.owner.sessionOpensStream(id) else {
        return Int32(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
      }
      // The owner keeps open streams alive until `didClose`.
      nghttp2_session_set_stream_user_data(raw, id, stream.toOpaque())
      session.current = stream
      session.currentID = id
      return 0
    }
  }

  private static let header: nghttp2_on_header_callback = { _, frame, name, nameCount, value, valueCount, _, context in
    guard let frame else { return fatal }
    let id = frame.pointee.hd.stream_id
    let name = UnsafeBufferPointer(start: name, count: nameCount)
    let value = UnsafeBufferPointer(start: value, count: valueCount)
    return with(context, else: fatal) { session in
      session.withStream(id) { $0.receive(header: name.span, value: value.span) }
      return 0
    }
  }

  private static let dataChunk: nghttp2_on_data_chunk_recv_callback = { raw, _, id, data, count, context in
    // One stream that does not read must not hold up the others: the connection's window opens at once.
    nghttp2_session_consume_connection(raw, count)
    return with(context, else: fatal) { session in
      session.withStream(id) { $0.receive(data: UnsafeRawBufferPointer(start: data, count: count)) }
      return 0
    }
  }

  private static let frameReceived: nghttp2_on_frame_recv_callback = { _, frame, context in
    guard let frame else { return fatal }
    return with(context, else: fatal) { session in
      session.receive(frame: frame)
      return 0
    }
  }

  private func receive(frame: UnsafePointer<nghttp2_frame>) {
    let header = frame.pointee.hd
    let hasFlag = { (flag: nghttp2_flag) in header.flags & UInt8(flag.rawValue) != 0 }
    let control: ControlFrame
    switch nghttp2_frame_type(UInt32(header.type)) {
    case NGHTTP2_HEADERS:
      let end = hasFlag(NGHTTP2_FLAG_END_STREAM)
      withStream(header.stream_id) { stream in
        stream.receiveHeaders(end: end)
        if end { stream.receiveEnd() }
      }
      control = .content
    case NGHTTP2_DATA:
      if hasFlag(NGHTTP2_FLAG_END_STREAM) { withStream(header.stream_id) { $0.receiveEnd() } }
      control = header.length > frame.pointee.data.padlen || hasFlag(NGHTTP2_FLAG_END_STREAM) ? .content : .idle
    case NGHTTP2_SETTINGS where !hasFlag(NGHTTP2_FLAG_ACK): control = .settings
    case NGHTTP2_PING where !hasFlag(NGHTTP2_FLAG_ACK): control = .ping
    case NGHTTP2_GOAWAY:
      let goAway = frame.pointee.goaway
      let debugData = UnsafeBufferPointer(start: goAway.opaque_data, count: goAway.opaque_data_len)
      control = .goAway(errorCode: goAway.error_code, debugData: String(decoding: debugData, as: UTF8.self))
    case NGHTTP2_RST_STREAM:
      guard lookUp(header.stream_id) != nil else { return }
      withStream(header.stream_id) { $0.receiveReset() }
      control = .reset
    default: control = .idle
    }
    owner.session(self, didReceive: control)
  }

  private static let frameSent: nghttp2_on_frame_send_callback = { _, frame, context in
    guard let frame else { return fatal }
    let header = frame.pointee.hd
    switch nghttp2_frame_type(UInt32(header.type)) {
    case NGHTTP2_DATA, NGHTTP2_HEADERS:
      return with(context, else: fatal) { session in
        session.sent.frameCount &+= 1
        session.sent.byteCount &+= header.length
        guard header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 else { return 0 }
        // Not before: a reset that waits makes nghttp2 drop the headers in front of it.
        session.withStream(header.stream_id) { stream in
          if stream.resetsAfterEnd { session.reset(stream, errorCode: NGHTTP2_NO_ERROR) }
        }
        return 0
      }
    case NGHTTP2_RST_STREAM:
      with(context, else: ()) { $0.owner.sessionDidSendReset($0) }
    case NGHTTP2_GOAWAY where frame.pointee.goaway.error_code != NGHTTP2_NO_ERROR.rawValue:
      let goAway = frame.pointee.goaway
      let bytes = UnsafeBufferPointer(start: goAway.opaque_data, count: goAway.opaque_data_len)
      let reason = String(decoding: bytes, as: UTF8.self)
      with(context, else: ()) { $0.owner.session($0, didSendGoAway: goAway.error_code, reason: reason) }
    default: break
    }
    return 0
  }

  /// Sees what nghttp2 declines to send.
  private static let frameNotSent: nghttp2_on_frame_not_send_callback = { _, frame, error, context in
    guard let frame else { return fatal }
    switch error {
    // The stream or the session is over, and the owner knows.
    case NGHTTP2_ERR_STREAM_CLOSED.rawValue, NGHTTP2_ERR_STREAM_CLOSING.rawValue,
      NGHTTP2_ERR_SESSION_CLOSING.rawValue, NGHTTP2_ERR_START_STREAM_NOT_ALLOWED.rawValue:
      break
    default:
      with(context, else: ()) { session in session.withStream(frame.pointee.hd.stream_id) { $0.didNotSend(error) } }
    }
    return 0
  }

  private static let streamClosed: nghttp2_on_stream_close_callback = { raw, id, errorCode, context in
    // Never fatal: nghttp2 1.52 leaks streams when this callback fails.
    with(context, else: 0) { session in
      session.withStream(id) { stream in
        nghttp2_session_set_stream_user_data(raw, id, nil)
        session.current = nil
        stream.didClose(errorCode: errorCode)
      }
      return 0
    }
  }

  static let readCallback: nghttp2_data_source_read_callback = { raw, id, buffer, count, flags, source, _ in
    guard let pointer = source?.pointee.ptr, let flags else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
    let buffer = UnsafeMutableRawBufferPointer(start: buffer, count: count)
    let production = Unmanaged<SessionStream>.fromOpaque(pointer)._withUnsafeGuaranteedRef { $0.produce(into: buffer) }
    switch production {
    case .wait:
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    case .bytes(let count):
      return count
    case .last(let count, let trailers):
      flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
      if let trailers {
        flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
        let result = trailers.withFields { nghttp2_submit_trailer(raw, id, $0.baseAddress, $0.count) }
        if result < 0 {
          Unmanaged<SessionStream>.fromOpaque(pointer)._withUnsafeGuaranteedRef { $0.didNotSend(result) }
          return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
        }
      }
      return count
    }
  }
}
