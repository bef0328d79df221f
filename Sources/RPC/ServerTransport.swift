/// What a call needs of its transport. All of it happens on the call's loop.
public protocol ServerTransport: AnyObject {
  /// The number of response bytes that wait to be sent.
  var queuedBytes: Int { get }
  /// Sends response headers. Comes at most once, and before `finish` unless the response is trailers only.
  func sendHeaders(_ metadata: Metadata?, compression: Compression)
  /// Queues a message, without its prefix. Comes before `sendHeaders` for a single response.
  func enqueue(_ message: UnsafeRawBufferPointer, isCompressed: Bool)
  /// Ends the response. A nil error is OK. When headers have not been sent the response is trailers only, and
  /// messages that were queued are dropped. When the request has not ended the transport stops it.
  func finish(_ error: RPCError?, trailers: Metadata?, requestEnded: Bool)
  /// The handler of the call begins: the request's only message is not kept for it any longer.
  func handlerDidBegin()
  /// The handler has taken this many bytes of the request's body: the peer may send as many.
  func consume(_ byteCount: Int)
}

extension ServerTransport {
  public func handlerDidBegin() {}
}
