import RPC

/// Connect's form of a call with one message each way: the body is the message, and the HTTP status tells how it went.
final class ConnectUnaryTransport: WebTransport {
  unowned(unsafe) let stream: ServerStream
  private let codec: MessageCodec
  private let cors: Metadata
  private let isPacked: Bool
  private let maxRequestBytes: Int
  private var request: [UInt8] = []
  private var response: (bytes: [UInt8], isCompressed: Bool)?
  private var metadata: Metadata?
  private var compression = Compression.identity

  /// `request` is a message that came with the headers, as in a GET; `isPacked` whether it, or the body, is compressed.
  init(
    stream: ServerStream,
    codec: MessageCodec,
    cors: Metadata,
    request: [UInt8] = [],
    isPacked: Bool,
    maxRequestBytes: Int
  ) {
    self.stream = stream
    self.codec = codec
    self.cors = cors
    self.request = request
    self.isPacked = isPacked
    self.maxRequestBytes = maxRequestBytes
  }

  // MARK: Request

  func receive(_ data: UnsafeRawBufferPointer, for call: Call) {
    stream.consume(data.count)
    guard request.count + data.count <= maxRequestBytes else {
      return call.fail(RPCError(.resourceExhausted, "the request is over the limit of \(maxRequestBytes) bytes"))
    }
    request += data
  }

  func receiveEnd(for call: Call) {
    let message = request
    request = []
    message.withUnsafeBytes { message in
      Envelope.make(flag: isPacked && !message.isEmpty ? 1 : 0, message).withUnsafeBytes { call.receive($0) }
    }
    call.receiveEnd()
  }

  func consume(_ byteCount: Int) {}

  // MARK: Response

  func sendHeaders(_ metadata: Metadata?, compression: Compression) {
    self.metadata = metadata
    self.compression = compression
  }

  func enqueue(_ message: UnsafeRawBufferPointer, isCompressed: Bool) {
    response = ([UInt8](message), isCompressed)
  }

  func answer(_ error: RPCError?, trailers: Metadata?) {
    if let error { return fail(error, trailers) }
    var fields = Metadata()
    fields.put(":status", "200")
    fields.put("content-type", WebProtocol.connectUnary(codec).contentType)
    if response?.isCompressed == true { fields.put("content-encoding", "\(compression.name)") }
    fields.append(contentsOf: cors)
    if let metadata { fields.append(contentsOf: metadata) }
    trailers?.forEachField { name, value in
      let name = Array("trailer-".utf8) + name.withUnsafeBufferPointer { Array($0) }
      fields.append(name: name.span, value: value)
    }
    guard stream.respond(fields, hasBody: true) else {
      return finish(nil, trailers: nil, requestEnded: true)
    }
    stream.enqueue(raw: response?.bytes ?? [])
    stream.endBody()
  }

  private func fail(_ error: RPCError, _ trailers: Metadata?) {
    var fields = Metadata()
    fields.put(":status", String(ConnectError.httpStatus(error.code)))
    fields.put("content-type", "application/json")
    fields.append(contentsOf: cors)
    if let trailers { fields.append(contentsOf: trailers) }
    guard stream.respond(fields, hasBody: true) else { return finish(nil, trailers: nil, requestEnded: true) }
    stream.enqueue(raw: ConnectError.json(error))
    stream.endBody()
  }
}
