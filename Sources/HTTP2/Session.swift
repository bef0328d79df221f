import CNghttp2
import NIOCore
import RPC

/// What a session tells whoever owns it. All on the owner's event loop.
protocol SessionOwner: AnyObject {
  /// A peer opens a stream (server only), which the owner keeps until it has closed. Nil refuses it.
  func sessionOpensStream(_ id: Int32) -> Unmanaged<SessionStream>?
  /// A frame came in; what it does to a stream the stream has heard by then. Not called for a frame that nghttp2 passes
  /// over.
  func session(_ session: Session, didReceive frame: Session.ControlFrame)
  /// A RST_STREAM goes out.
  func sessionDidSendReset(_ session: Session)
  /// A GOAWAY with an error goes out; `reason` is its debug data.
  func session(_ session: Session, didSendGoAway errorCode: UInt32, reason: String)
}

extension SessionOwner {
  func sessionDidSendReset(_ session: Session) {}
  func session(_ session: Session, didSendGoAway errorCode: UInt32, reason: String) {}
}

/// A stream as a session sees it; server and client refine it.
class SessionStream {
  final var id: Int32 = 0
  /// Where the stream stands in its owner's list of open streams.
  final var position = -1

  func receive(header name: Span<UInt8>, value: Span<UInt8>) {}
  /// A header block is complete.
  func receiveHeaders(end: Bool) {}
  func receive(data: UnsafeRawBufferPointer) {}
  /// The peer has sent all.
  func receiveEnd() {}
  /// The peer has reset the stream; `didClose` follows.
  func receiveReset() {}
  /// The stream is over, by HTTP/2 error code; 0 is a regular end.
  func didClose(errorCode: UInt32) {}
  /// Whether the peer may still send when this side has ended. Then the stream is reset with NO_ERROR, which tells the
  /// peer to stop.
  var resetsAfterEnd: Bool { false }
  /// The session can send `buffer.count` bytes at most.
  func produce(into buffer: UnsafeMutableRawBufferPointer) -> Session.Production { .wait }
  /// nghttp2 declines to send a part of the stream, by its error code, though the stream is not over.
  func didNotSend(_ libraryError: Int32) {}
}

/// The one wrapper of nghttp2: no pointer of the library leaves this file and its extensions.
///
/// Belongs to one event loop. The owner outlives the session.
final class Session {
  enum ControlFrame {
    case settings, ping, content
    case goAway(errorCode: UInt32, debugData: String)
    /// A RST_STREAM on a stream that is open.
    case reset
    /// Any that carries no call forward.
    case idle
  }

  /// How much content, that is HEADERS and DATA, a session has sent.
  struct SentContent: Sendable, Equatable {
    var frameCount = 0
    var byteCount = 0
  }

  /// What a stream has to send.
  enum Production {
    /// This many bytes, and there may be more.
    case bytes(Int)
    /// This many bytes, and these are the last. Trailers follow, or nothing at all.
    case last(Int, trailers: HeaderList?)
    /// Nothing now; `resume` says when.
    case wait
  }

  enum Role { case server, client }

  /// nghttp2 counts less for each field than HTTP/2 does, but something for the block. The rest is room to say that a block
  /// is too large, whatever the limit.
  private static let headerBlockOverhead = 1 << 10

  var raw: OpaquePointer?
  /// Freed after `raw`, which `deinit` frees.
  private let memory = SessionMemory()
  unowned(unsafe) let owner: any SessionOwner
  /// The stream whose headers come in, so that not every field looks it up.
  @exclusivity(unchecked) var current: Unmanaged<SessionStream>?
  @exclusivity(unchecked) var currentID: Int32 = 0
  @exclusivity(unchecked) var sent = SentContent()
  /// Of what a client sends.
  @exclusivity(unchecked) private var inbound: InboundFrames?
  /// The last word is submitted, and what the peer says does not matter any more.
  private(set) var isTerminated = false
  /// nghttp2 is out of memory.
  private var hasFailed = false

  /// Larger header blocks than of `maxSentHeaderBytes`, as HTTP/2 counts them, the owner does not submit.
  init?(role: Role, limits: Limits, maxSentHeaderBytes: Int, owner: any SessionOwner) {
    self.owner = owner
    guard let callbacks = Session.callbacks else { return nil }
    var option: OpaquePointer?
    guard nghttp2_option_new(&option) == 0 else { return nil }
    defer { nghttp2_option_del(option) }
    nghttp2_option_set_no_auto_window_update(option, 1)
    nghttp2_option_set_max_continuations(option, limits.maxContinuationFrames)
    nghttp2_option_set_max_outbound_ack(option, limits.maxOutboundAcknowledgments)
    nghttp2_option_set_max_settings(option, limits.maxSettingsEntries)
    nghttp2_option_set_max_send_header_block_length(option, maxSentHeaderBytes + Session.headerBlockOverhead)
    // The owner counts resets itself, and tells the peer why it ends the connection.
    nghttp2_option_set_stream_reset_rate_limit(option, .max, .max)
    if role == .server {
      inbound = InboundFrames()
      // nghttp2 keeps as many as may be open.
      nghttp2_option_set_no_closed_streams(option, limits.maxConcurrentStreams > limits.maxClosedStreams ? 1 : 0)
    }
    let context = Unmanaged.passUnretained(self).toOpaque()
    var functions = memory.functions
    let result =
      switch role {
      case .server: nghttp2_session_server_new3(&raw, callbacks, context, option, &functions)
      case .client: nghttp2_session_client_new3(&raw, callbacks, context, option, &functions)
      }
    guard result == 0 else { return nil }
  }

  deinit { nghttp2_session_del(raw) }

  // MARK: Bytes

  /// Gives the reason to end the connection when the peer broke the protocol beyond repair.
  func receive(_ bytes: UnsafeRawBufferPointer) -> ConnectionEnd? {
    guard inbound != nil else { return pass(bytes) }
    return inbound?.pass(bytes) { pass($0) }
  }

  /// Complete frames that a client has sent.
  var receivedFrameCount: Int { inbound?.count ?? 0 }

  private func pass(_ bytes: UnsafeRawBufferPointer) -> ConnectionEnd? {
    let result = nghttp2_session_mem_recv(raw, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
    return result < 0 ? ConnectionEnd(libraryError: Int32(truncatingIfNeeded: result)) : nil
  }

  /// Moves what the session wants to send into `buffer`, until that holds `limit` bytes. False when the session is out
  /// of memory.
  func send(into buffer: inout ByteBuffer, limit: Int) -> Bool {
    while !hasFailed, buffer.readableBytes < limit {
      var data: UnsafePointer<UInt8>?
      let count = nghttp2_session_mem_send(raw, &data)
      if count <= 0 { return count == 0 }
      buffer.writeBytes(UnsafeRawBufferPointer(start: data, count: count))
    }
    return !hasFailed
  }

  /// nghttp2 answers a submission. A stream hears what is not taken from it; whatever else fails, fails for good.
  private func note(_ result: Int32, of stream: SessionStream? = nil) {
    guard result < 0 else { return }
    if let stream, nghttp2_is_fatal(result) == 0 { stream.didNotSend(result) } else { hasFailed = true }
  }

  var wantsWrite: Bool { nghttp2_session_want_write(raw) != 0 }

  /// Whether there is a reason to keep the connection.
  var isAlive: Bool { nghttp2_session_want_read(raw) != 0 || nghttp2_session_want_write(raw) != 0 }

  // MARK: Connection

  func submitSettings(_ settings: [(id: nghttp2_settings_id, value: Int)], connectionWindowBytes: Int) {
    let entries = settings.map {
      nghttp2_settings_entry(settings_id: Int32($0.id.rawValue), value: UInt32(clamping: $0.value))
    }
    note(nghttp2_submit_settings(raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count))
    note(
      nghttp2_session_set_local_window_size(
        raw,
        UInt8(NGHTTP2_FLAG_NONE.rawValue),
        0,
        Int32(clamping: connectionWindowBytes)
      ))
  }

  /// Announces that the connection goes away; streams on their way are still accepted.
  func submitShutdownNotice() { note(nghttp2_submit_shutdown_notice(raw)) }

  /// Says that streams past the last one are not accepted.
  func submitGoAway(errorCode: nghttp2_error_code, debug: StaticString = "") {
    note(
      nghttp2_submit_goaway(
        raw,
        UInt8(NGHTTP2_FLAG_NONE.rawValue),
        nghttp2_session_get_last_proc_stream_id(raw),
        errorCode.rawValue,
        debug.utf8Start,
        debug.utf8CodeUnitCount
      ))
  }

  /// Says GOAWAY with the reason, and lets nothing else happen than to send it.
  func terminate(_ end: ConnectionEnd) {
    isTerminated = true
    submitGoAway(errorCode: end.code, debug: end.reason)
    note(nghttp2_session_terminate_session(raw, end.code.rawValue))
  }

  func submitPing() { note(nghttp2_submit_ping(raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)) }

  /// Streams that the peer lets this side have open at a time.
  var peerMaxConcurrentStreams: Int {
    Int(nghttp2_session_get_remote_settings(raw, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
  }

  /// The name of an HTTP/2 error code.
  static func name(ofError code: UInt32) -> String { String(cString: nghttp2_http2_strerror(code)) }

  /// The meaning of an error code of nghttp2, in words.
  static func meaning(ofLibraryError code: Int32) -> String { String(cString: nghttp2_strerror(code)) }

  // MARK: Streams

  func submitResponse(_ stream: SessionStream, _ headers: HeaderList, hasBody: Bool) {
    var provider = Session.dataProvider(stream)
    let result = headers.withFields { fields in
      if hasBody {
        nghttp2_submit_response(raw, stream.id, fields.baseAddress, fields.count, &provider)
      } else {
        nghttp2_submit_response(raw, stream.id, fields.baseAddress, fields.count, nil)
      }
    }
    note(result, of: stream)
  }

  /// Opens a stream and gives its id; nil when the connection takes no more.
  func submitRequest(_ stream: SessionStream, _ headers: HeaderList) -> Int32? {
    var provider = Session.dataProvider(stream)
    let id = headers.withFields { fields in
      nghttp2_submit_request(
        raw,
        nil,
        fields.baseAddress,
        fields.count,
        &provider,
        Unmanaged.passUnretained(stream).toOpaque()
      )
    }
    return id > 0 ? id : nil
  }

  /// There is something to send on a stream that said `wait`.
  func resume(_ stream: SessionStream) {
    let result = nghttp2_session_resume_data(raw, stream.id)
    // A stream that is about to close has nothing to resume.
    if result != NGHTTP2_ERR_INVALID_ARGUMENT.rawValue { note(result) }
  }

  func reset(_ stream: SessionStream, errorCode: nghttp2_error_code) {
    note(nghttp2_submit_rst_stream(raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, errorCode.rawValue))
  }

  /// The peer may send `byteCount` more bytes on the stream.
  func consume(_ stream: SessionStream, _ byteCount: Int) {
    note(nghttp2_session_consume_stream(raw, stream.id, byteCount))
  }

  /// Whether the headers of a request have been handed out to be written.
  func hasSent(_ stream: SessionStream) -> Bool { nghttp2_session_find_stream(raw, stream.id) != nil }

  private static func dataProvider(_ stream: SessionStream) -> nghttp2_data_provider {
    var provider = nghttp2_data_provider()
    provider.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
    provider.read_callback = readCallback
    return provider
  }
}
