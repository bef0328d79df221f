import Foundation
import TestSupport
import Testing

@testable import Protobuf

/// Messages at random, seeded: whatever the bytes are, they decode to a message or to an error, and what was decoded is
/// the same when it is encoded and decoded again.
@Suite struct FuzzTests {
  private static let count = ProcessInfo.processInfo.environment["MILLRACE_LONG"] == "1" ? 400_000 : 20_000

  private static func samples() -> [[UInt8]] {
    var scalars = CodecTest.Scalars()
    scalars.int64Value = .min
    scalars.stringValue = "grüße"
    scalars.maybeBytes = [0, 255]
    scalars.color = .unrecognized(77)
    var lists = CodecTest.Lists()
    lists.int32s = [-1, 0, 1, .max]
    lists.strings = ["", "漢字"]
    lists.doubles = [0.5, .infinity]
    lists.bools = [true, false]
    // An entry of a map, a tree ten deep, a group that nobody knows, and lengths that lie.
    let entry: [UInt8] = [0x0A, 0x05, 0x0A, 0x01, 0x61, 0x10, 0x01]
    let tree = (0..<10).reduce(into: [UInt8]()) { tree, _ in tree = [0x0A, UInt8(tree.count)] + tree }
    let group: [UInt8] = [0x9B, 0x06, 0x08, 0x01, 0x9C, 0x06]
    return [
      scalars.serializedBytes(), lists.serializedBytes(), entry, tree, group, [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07],
    ]
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout Seeded) {
    let place = Int.random(in: 0...bytes.count, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1 where place < bytes.count: bytes.remove(at: place)
    case 2:
      let end = min(bytes.count, place + Int.random(in: 0..<16, using: &random))
      bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 3: bytes.insert(contentsOf: [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], at: place)
    default: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: place)
    }
  }

  /// Whether the bytes are a message.
  private func check<M: Message>(_ bytes: [UInt8], as: M.Type) -> Bool {
    guard let message = try? M(serializedBytes: bytes) else { return false }
    let encoded = message.serializedBytes()
    let again = try? M(serializedBytes: encoded).serializedBytes()
    // Entries of a map have no order.
    #expect(again?.sorted() == encoded.sorted(), "\(M.self): \(bytes)")
    return true
  }

  @Test(arguments: 0..<UInt64(4))
  func bytesAtRandom(_ seed: UInt64) {
    var random = Seeded(seed)
    let samples = Self.samples()
    var decoded = 0
    for number in 0..<Self.count / 4 {
      var bytes = samples[number % samples.count]
      for _ in 0..<Int.random(in: 1...3, using: &random) { mutate(&bytes, &random) }
      let results = [
        check(bytes, as: CodecTest.Scalars.self), check(bytes, as: CodecTest.Lists.self),
        check(bytes, as: CodecTest.Maps.self), check(bytes, as: CodecTest.Node.self),
        check(bytes, as: CodecTest.Outer.self), check(bytes, as: CodecTest.Choice.self),
        check(bytes, as: GoogleProtobuf.Struct.self),
      ]
      if results.contains(true) { decoded += 1 }
    }
    #expect(decoded > Self.count / 4 / 10, "most are refused, but not nearly all")
  }

  private static let texts = [
    #"{"doubleValue":1.5e-7,"int64Value":"-9223372036854775808","stringValue":"gr\u00fc\ud83d\ude08","boolValue":true}"#,
    #"{"bytesValue":"AP+A","color":"COLOR_RED","maybeInt32":0,"floatValue":"NaN","uint64Value":18446744073709551615}"#,
    #"{"doubles":[0,-0.0,"Infinity",1e308],"strings":["","a"],"bools":[true,false],"int32s":[-1,2147483647]}"#,
    #"{"name":"a","child":{"child":{"children":[{},{"name":"b"}]}}}"#,
    #"{"a":null,"b":[1,{"c":"d"},[[[[]]]]],"e":{"f":true}}"#,
    "[[[[[[[[[[[[", "{\"name\":", "1e999999999", "\"\\ud800\"", "nul",
  ]

  /// The text is no message, or one that is the same when it is printed and parsed again.
  private func check<M: Message>(json: [UInt8], as: M.Type) -> Bool {
    guard let message = try? M(jsonUTF8Bytes: json) else { return false }
    let printed = try? message.jsonUTF8Bytes()
    #expect(printed != nil, "\(M.self): \(String(decoding: json, as: UTF8.self))")
    let again = printed.flatMap { try? M(jsonUTF8Bytes: $0) }
    #expect(again?.serializedBytes().sorted() == message.serializedBytes().sorted(), "\(M.self): \(json)")
    return true
  }

  @Test(arguments: 0..<UInt64(4))
  func textAtRandom(_ seed: UInt64) {
    var random = Seeded(seed)
    let pieces = Array("{}[],:\"\\0123456789.eE+-tfnu ".utf8)
    var parsed = 0
    for number in 0..<Self.count / 10 {
      var text = Array(Self.texts[number % Self.texts.count].utf8)
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        let place = Int.random(in: 0...text.count, using: &random)
        if Bool.random(using: &random) {
          text.insert(pieces.randomElement(using: &random) ?? 0, at: place)
        } else {
          mutate(&text, &random)
        }
      }
      let results = [
        check(json: text, as: CodecTest.Scalars.self), check(json: text, as: CodecTest.Lists.self),
        check(json: text, as: CodecTest.Node.self), check(json: text, as: GoogleProtobuf.Struct.self),
      ]
      if results.contains(true) { parsed += 1 }
    }
    #expect(parsed > Self.count / 10 / 20, "most are refused, but not nearly all")
  }
}
