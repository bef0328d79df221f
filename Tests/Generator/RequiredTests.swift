import GoldenContracts
import Protobuf
import Testing

/// Messages without a required field are refused, wherever they lie; the path says which field it is.
@Suite struct RequiredTests {
  private static let whole: [UInt8] = [0x0A, 0, 0x62, 2, 0x08, 1, 0x70, 1]

  @Test func wholeMessagesAreTaken() throws {
    #expect(try GoldenProto2.Proto2(serializedBytes: Self.whole).part?.exact == true)
    #expect(try GoldenProto2.Crate(serializedBytes: []) == GoldenProto2.Crate())
  }

  @Test(
    arguments: [
      ([0x62, 2, 0x08, 1, 0x70, 1], "name"),
      ([0x0A, 0, 0x70, 1], "part"),
      ([0x0A, 0, 0x62, 2, 0x08, 1], "needed_mode"),
      ([0x0A, 0, 0x62, 0, 0x70, 1], "part.exact"),
      // With a group beside it, so that the bytes get rewritten first.
      ([0x0A, 0, 0x62, 0, 0x70, 1, 0xF3, 0x01, 0xF4, 0x01], "part.exact"),
      // A value of another wire type is none.
      ([0x08, 1, 0x62, 2, 0x08, 1, 0x70, 1], "name"),
    ] as [([UInt8], String)]
  )
  func aMissingFieldIsNamed(_ bytes: [UInt8], _ path: String) {
    let error = #expect(throws: MessageDecodingError.self) { try GoldenProto2.Proto2(serializedBytes: bytes) }
    #expect(error == MessageDecodingError(kind: .missingField, path: path))
  }

  @Test(
    arguments: [
      ([0x0A, 0], "one.exact"),
      ([0x12, 2, 0x08, 1, 0x12, 0], "many[1].exact"),
      ([0x1A, 5, 0x0A, 1, 0x61, 0x12, 0], "named[0].value.exact"),
      // The entry has a value, although none is given.
      ([0x1A, 3, 0x0A, 1, 0x61], "named[0].value.exact"),
      ([0x22, 0], "first.exact"),
      ([0x28, 1, 0x22, 0], "first.exact"),
      ([0x32, 4, 0x32, 2, 0x0A, 0], "inner.inner.one.exact"),
      ([0x3A, 2, 0x08, 1], "pair.right"),
      ([0x3A, 2, 0x12, 0], "pair.left"),
    ] as [([UInt8], String)]
  )
  func aMissingFieldIsFoundWhereItHides(_ bytes: [UInt8], _ path: String) {
    let error = #expect(throws: MessageDecodingError.self) { try GoldenProto2.Crate(serializedBytes: bytes) }
    #expect(error == MessageDecodingError(kind: .missingField, path: path))
  }

  @Test func partsOfAMessageAddUp() throws {
    // pair {left: 5}, then pair {right: "a"}.
    let crate = try GoldenProto2.Crate(serializedBytes: [0x3A, 2, 0x08, 5, 0x3A, 3, 0x12, 1, 0x61] as [UInt8])
    #expect(crate.pair == GoldenProto2.Pair(left: 5, right: "a"))
  }

  @Test func whatALaterMemberClearsNeedsNothing() throws {
    let crate = try GoldenProto2.Crate(serializedBytes: [0x22, 0, 0x28, 1] as [UInt8])
    #expect(crate.choice == .second(1))
  }

  @Test func aMergeTakesPartOfAMessage() throws {
    var pair = GoldenProto2.Pair(left: 1, right: "a")
    try pair.merge(serializedBytes: [0x08, 2])
    #expect(pair == GoldenProto2.Pair(left: 2, right: "a"))
  }

  @Test func jsonNeedsThemToo() throws {
    #expect(try GoldenProto2.Pair(jsonString: #"{"left": 1, "right": ""}"#) == GoldenProto2.Pair(left: 1))
    let error = #expect(throws: JSONDecodingError.self) {
      try GoldenProto2.Crate(jsonString: #"{"many": [{"exact": true}, {}]}"#)
    }
    #expect(error?.path == "many[1]")
    #expect(error?.reason == "the required field “exact” is missing")
    // null is none.
    #expect(throws: JSONDecodingError.self) {
      try GoldenProto2.Pair(jsonString: #"{"left": 1, "right": null}"#)
    }
  }

  @Test func extensionsHaveNamesInJSON() throws {
    let text =
      #"{"name":"","part":{"exact":true},"neededMode":"MODE_SLOW","[golden.proto2.note]":"kept","#
      + #""[golden.proto2.Proto2.extra]":{"exact":false}}"#
    let message = try GoldenProto2.Proto2(jsonString: text)
    #expect(message.unknownFields.payloads(of: 100) == [Array("kept".utf8)])
    #expect(message.unknownFields.payloads(of: 101) == [[0x08, 0]])
    #expect(try message.jsonString() == text)
    var options = JSONEncodingOptions()
    options.alwaysPrintsDefaults = true
    #expect(try GoldenProto2.Proto2(part: .init()).jsonString(options: options).contains("golden.proto2") == false)
    #expect(throws: JSONDecodingError.self) { try GoldenProto2.Pair(jsonString: #"{"[golden.proto2.note]": ""}"#) }
  }
}
