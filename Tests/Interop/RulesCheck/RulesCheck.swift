import Foundation
import GoldenContracts
import Protobuf

/// Checks messages of `golden/rules.proto`, so that a test can hold what it finds against another implementation.
///
/// On standard input: for each message the length of its type's name and the name, and the length of its bytes and the
/// bytes; lengths are 32 bits in network order. On standard output: for each message a line for every rule that it breaks,
/// `rule` tab `key` or `value` tab `field`, and an empty line.
@main
struct RulesCheck {
  static let types: [any Message.Type] = [
    GoldenRules.Presence.self, GoldenRules.Ignoring.self, GoldenRules.Strings.self, GoldenRules.Formats.self,
    GoldenRules.Blobs.self, GoldenRules.Numbers.self, GoldenRules.Reals.self, GoldenRules.Enums.self,
    GoldenRules.Lists.self, GoldenRules.Maps.self, GoldenRules.WellKnown.self, GoldenRules.Wrappers.self,
    GoldenRules.Oneofs.self, GoldenRules.Exclusive.self, GoldenRules.Outer.self, GoldenRules.Recursive.self,
    GoldenRules.Plain.self,
  ]

  static func main() {
    let byName = Dictionary(types.map { ($0.protoName, $0) }, uniquingKeysWith: { first, _ in first })
    var input = Array(FileHandle.standardInput.readDataToEndOfFile())[...]
    var output = ""
    while let name = field(&input), let bytes = field(&input) {
      guard let type = byName[String(decoding: name, as: UTF8.self)] else {
        output += "no such type\n\n"
        continue
      }
      output += answer(Array(bytes), as: type) + "\n"
    }
    FileHandle.standardOutput.write(Data(output.utf8))
  }

  private static func answer(_ bytes: [UInt8], as type: any Message.Type) -> String {
    guard let message = try? type.init(serializedBytes: bytes) else { return "not decodable\n" }
    return message.checkRules().reported.map { violation in
      "\(violation.rule)\t\(violation.isOnKey ? "key" : "value")\t\(violation.field)\n"
    }.joined()
  }

  private static func field(_ input: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard input.count >= 4 else { return nil }
    let length = input.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    input = input.dropFirst(4)
    defer { input = input.dropFirst(length) }
    return input.prefix(length)
  }
}
