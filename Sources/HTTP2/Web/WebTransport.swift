import RPC

/// A protocol's way between a stream and its call: what comes in as the call wants it, and what the call says as the
/// protocol writes it.
protocol WebTransport: ServerTransport {
  /// The stream of the call, which owns the transport.
  var stream: ServerStream { get }
  /// A part of the request's body.
  func receive(_ data: UnsafeRawBufferPointer, for call: Call)
  /// The request has ended.
  func receiveEnd(for call: Call)
  /// The call is over; a nil error is OK.
  func answer(_ error: RPCError?, trailers: Metadata?)
}

extension WebTransport {
  var queuedBytes: Int { stream.queuedBytes }

  func handlerDidBegin() { stream.handlerDidBegin() }

  func finish(_ error: RPCError?, trailers: Metadata?, requestEnded: Bool) {
    stream.conclude(error, trailers) { self.answer($0, trailers: $1) }
  }
}

extension Metadata {
  /// Adds a field that the protocol itself makes.
  mutating func put(_ name: String, _ value: String) {
    let name = Array(name.utf8)
    let value = Array(value.utf8)
    append(name: name.span, value: value.span)
  }
}
