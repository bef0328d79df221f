import Protobuf
import RPC

/// gRPC-Web: gRPC's messages, and the trailers as a last one with the flag 0x80; as base64 text where a browser can read
/// nothing else.
final class GRPCWebTransport: WebTransport {
  private static let trailersFlag: UInt8 = 0x80

  unowned(unsafe) let stream: ServerStream
  private let codec: MessageCodec
  private let isText: Bool
  private let cors: Metadata
  /// Characters that make no group of four yet.
  private var pending: [UInt8] = []
  /// Characters that the call has not taken.
  private var unconsumedCount = 0
  private var headersSent = false

  init(stream: ServerStream, codec: MessageCodec, isText: Bool, cors: Metadata) {
    self.stream = stream
    self.codec = codec
    self.isText = isText
    self.cors = cors
  }

  // MARK: Request

  func receive(_ data: UnsafeRawBufferPointer, for call: Call) {
    guard isText else { return call.receive(data) }
    unconsumedCount += data.count
    pending += data
    // Each part that a browser encoded ends with its own padding, at a group's end.
    let whole = pending.count / 4 * 4
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: whole, by: 4) {
      guard let group = Base64.decode(pending[start..<start + 4]) else {
        return call.fail(RPCError(.internal, "the request is not base64"))
      }
      bytes += group
    }
    pending.removeFirst(whole)
    bytes.withUnsafeBytes { call.receive($0) }
  }

  func receiveEnd(for call: Call) {
    if pending.isEmpty { call.receiveEnd() } else { call.fail(RPCError(.internal, "the request is not base64")) }
  }

  func consume(_ byteCount: Int) {
    guard isText else { return stream.consume(byteCount) }
    // The call takes all that it has got.
    stream.consume(unconsumedCount)
    unconsumedCount = 0
  }

  // MARK: Response

  func sendHeaders(_ metadata: Metadata?, compression: Compression) {
    var fields = head()
    if compression != .identity { fields.put("grpc-encoding", "\(compression.name)") }
    if let metadata { fields.append(contentsOf: metadata) }
    if stream.respond(fields, hasBody: true) { headersSent = true }
  }

  func enqueue(_ message: UnsafeRawBufferPointer, isCompressed: Bool) {
    put(flag: isCompressed ? 1 : 0, message)
  }

  func answer(_ error: RPCError?, trailers: Metadata?) {
    var status = StatusTrailers.encode(error)
    if let trailers { status.append(contentsOf: trailers) }
    guard headersSent else {
      var fields = head()
      fields.append(contentsOf: status)
      if !stream.respond(fields, hasBody: false) { finish(nil, trailers: nil, requestEnded: true) }
      return
    }
    var text: [UInt8] = []
    status.forEachField { name, value in
      name.withUnsafeBufferPointer { text += $0 }
      text += ": ".utf8
      value.withUnsafeBufferPointer { text += $0 }
      text += "\r\n".utf8
    }
    text.withUnsafeBytes { put(flag: GRPCWebTransport.trailersFlag, $0) }
    stream.endBody()
  }

  private func head() -> Metadata {
    var fields = Metadata()
    fields.put(":status", "200")
    fields.put("content-type", WebProtocol.grpcWeb(codec, isText: isText).contentType)
    fields.append(contentsOf: cors)
    return fields
  }

  private func put(flag: UInt8, _ message: UnsafeRawBufferPointer) {
    let framed = Envelope.make(flag: flag, message)
    stream.enqueue(raw: isText ? Base64.encode(framed, padded: true) : framed)
  }
}

/// A message behind a flag and its length in four bytes.
enum Envelope {
  static func make(flag: UInt8, _ message: UnsafeRawBufferPointer) -> [UInt8] {
    var framed: [UInt8] = [flag]
    framed.reserveCapacity(message.count + 5)
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: message.count).bigEndian) { framed += $0 }
    framed += message
    return framed
  }
}
