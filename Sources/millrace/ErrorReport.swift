import Contracts
import Foundation
import Protobuf
import RPC

/// An error of a call, as a person reads it.
enum ErrorReport {
  /// Where the messages in an error's details are declared.
  private static let types = try? DescriptorPool([GoogleRpc.Status.protoFile, GoogleRpc.ErrorInfo.protoFile])

  static func print(_ error: RPCError) {
    var lines = ["\(error.code): \(error.message)"]
    for detail in error.packedDetails {
      lines.append("\(detail.messageName) \(text(detail))")
    }
    FileHandle.standardError.write(Data((lines.joined(separator: "\n") + "\n").utf8))
  }

  private static func text(_ detail: GoogleProtobuf.`Any`) -> String {
    guard let types, let schema = types.message(detail.messageName),
      let json = try? types.json(detail.value, as: schema)
    else { return "(\(detail.value.count) bytes)" }
    return String(decoding: json, as: UTF8.self)
  }
}
