import Protobuf
import RPC

/// A stand-in.
struct BenchMessage: Message {
  static let protoName = "bench.Text"
  var text = ""
  var filler = 0
  init() {}
  init(text: String, filler: Int) { self.text = text; self.filler = filler }
  init(_standInBytes: [UInt8]) throws { text = String(decoding: _standInBytes, as: UTF8.self) }
  func serializedBytes(deterministic: Bool) -> [UInt8] { Array(text.utf8) + [UInt8](repeating: 1, count: filler) }
  func firstDifference(from other: Self) -> String? { text == other.text ? nil : "text" }

  static func call(_ caller: Int) -> Call {
    Call(method: MethodDescriptor(path: "/bench.v1.Bench/Submit"), principal: Principal(subject: "users/\(caller)"))
  }
}
