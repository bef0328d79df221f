import Protobuf
import RPC

/// A request that is all in its URL: Connect's GET.
struct ConnectQuery {
  var codec: MessageCodec
  var compression: Compression
  var message: [UInt8]

  /// Reads `encoding=json&message=…&base64=1&compression=gzip&connect=v1`, in any order. Throws what is wrong with it.
  init(_ query: some Collection<UInt8>) throws(RPCError) {
    var values: [String: [UInt8]] = [:]
    for pair in query.split(separator: UInt8(ascii: "&")) {
      let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = parts.first.flatMap({ Self.percentDecoded(Array($0)) }),
        let text = Self.percentDecoded(parts.count > 1 ? Array(parts[1]) : [])
      else {
        throw RPCError(.invalidArgument, "the query is not percent-encoded")
      }
      values[String(decoding: name, as: UTF8.self)] = text
    }
    if let version = values["connect"], version != Array("v1".utf8) {
      throw RPCError(.invalidArgument, "connect: only v1 is known")
    }
    switch values["encoding"].map({ String(decoding: $0, as: UTF8.self) }) {
    case "json": codec = .json
    case "proto": codec = .protobuf
    default: throw RPCError(.invalidArgument, "encoding: json or proto is expected")
    }
    guard let message = values["message"] else { throw RPCError(.invalidArgument, "message: it is missing") }
    if values["base64"] == Array("1".utf8) {
      guard let decoded = Base64.decode(message, alsoURLSafe: true) else {
        throw RPCError(.invalidArgument, "message: it is not base64")
      }
      self.message = decoded
    } else {
      self.message = message
    }
    let name = values["compression"] ?? Array("identity".utf8)
    guard let compression = Compression(name: name.span) else {
      throw RPCError(.unimplemented, "compression: one of \(Compression.acceptable) is expected")
    }
    self.compression = compression
  }

  /// Nil when an escape is broken.
  private static func percentDecoded(_ text: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "+") {
        result.append(UInt8(ascii: " "))
      } else if text[index] == UInt8(ascii: "%") {
        guard index + 2 < text.count, let byte = PercentEncoding.byte(text[index + 1], text[index + 2]) else {
          return nil
        }
        result.append(byte)
        index += 2
      } else {
        result.append(text[index])
      }
      index += 1
    }
    return result
  }
}
