import RPC

/// Connect's form of a call that streams: messages as in gRPC, and the outcome as a last one with the flag 0x02.
final class ConnectStreamTransport: WebTransport {
  private static let endFlag: UInt8 = 0x02

  unowned(unsafe) let stream: ServerStream
  private let codec: MessageCodec
  private let cors: Metadata
  private var headersSent = false

  init(stream: ServerStream, codec: MessageCodec, cors: Metadata) {
    self.stream = stream
    self.codec = codec
    self.cors = cors
  }

  func receive(_ data: UnsafeRawBufferPointer, for call: Call) { call.receive(data) }

  func receiveEnd(for call: Call) { call.receiveEnd() }

  func consume(_ byteCount: Int) { stream.consume(byteCount) }

  func sendHeaders(_ metadata: Metadata?, compression: Compression) {
    var fields = Metadata()
    fields.put(":status", "200")
    fields.put("content-type", WebProtocol.connectStream(codec).contentType)
    if compression != .identity { fields.put("connect-content-encoding", "\(compression.name)") }
    fields.append(contentsOf: cors)
    if let metadata { fields.append(contentsOf: metadata) }
    if stream.respond(fields, hasBody: true) { headersSent = true }
  }

  func enqueue(_ message: UnsafeRawBufferPointer, isCompressed: Bool) {
    stream.enqueue(raw: Envelope.make(flag: isCompressed ? 1 : 0, message))
  }

  func answer(_ error: RPCError?, trailers: Metadata?) {
    if !headersSent { sendHeaders(nil, compression: .identity) }
    let end = ConnectError.endOfStream(error, trailers: trailers)
    end.withUnsafeBytes { stream.enqueue(raw: Envelope.make(flag: ConnectStreamTransport.endFlag, $0)) }
    stream.endBody()
  }
}
