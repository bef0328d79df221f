import Testing

@testable import Protobuf

/// Every kind of field there and back. The bytes expected are spelled out after the encoding rules of protobuf.dev.
@Suite struct RoundTripTests {
  private func roundTrip<M: Message>(_ message: M) throws -> M { try M(serializedBytes: message.serializedBytes()) }

  @Test func everyScalarAtItsEnds() throws {
    for isLow in [true, false] {
      var message = CodecTest.Scalars()
      message.doubleValue = isLow ? -Double.greatestFiniteMagnitude : .infinity
      message.floatValue = isLow ? -Float.greatestFiniteMagnitude : .infinity
      message.int32Value = isLow ? .min : .max
      message.int64Value = isLow ? .min : .max
      message.uint32Value = .max
      message.uint64Value = .max
      message.sint32Value = isLow ? .min : .max
      message.sint64Value = isLow ? .min : .max
      message.fixed32Value = .max
      message.fixed64Value = .max
      message.sfixed32Value = isLow ? .min : .max
      message.sfixed64Value = isLow ? .min : .max
      message.boolValue = true
      message.stringValue = "grüße 漢字 🏦"
      message.bytesValue = [0, 255, 128]
      message.color = isLow ? .negative : .unrecognized(77)
      #expect(try roundTrip(message) == message)
    }
  }

  @Test func scalarBytes() {
    var message = CodecTest.Scalars()
    message.int32Value = -1
    #expect(message.serializedBytes() == [0x18] + [UInt8](repeating: 0xFF, count: 9) + [0x01])
    message = CodecTest.Scalars()
    message.sint32Value = -1
    #expect(message.serializedBytes() == [0x38, 0x01])
    message = CodecTest.Scalars()
    message.int32Value = 150
    #expect(message.serializedBytes() == [0x18, 0x96, 0x01])
    message = CodecTest.Scalars()
    message.stringValue = "testing"
    #expect(message.serializedBytes() == [0x72, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67])
    message = CodecTest.Scalars()
    message.color = .negative
    #expect(message.serializedBytes() == [0x80, 0x01] + [UInt8](repeating: 0xFF, count: 9) + [0x01])
    message = CodecTest.Scalars()
    message.fixed32Value = 1
    message.boolValue = true
    #expect(message.serializedBytes() == [0x4D, 1, 0, 0, 0, 0x68, 1])
  }

  @Test func defaultsAreNotWritten() {
    #expect(CodecTest.Scalars().serializedBytes().isEmpty)
    #expect(CodecTest.Empty().serializedBytes().isEmpty)
  }

  @Test func optionalFieldsKeepTheirPresence() throws {
    var message = CodecTest.Scalars()
    message.maybeInt32 = 0
    message.maybeString = ""
    message.maybeBool = false
    message.maybeDouble = 0
    message.maybeBytes = []
    message.maybeColor = .unspecified
    let bytes: [UInt8] = [
      0x88, 0x01, 0, 0x92, 0x01, 0, 0x98, 0x01, 0, 0xA1, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0xAA, 0x01, 0, 0xB0, 0x01, 0,
    ]
    #expect(message.serializedBytes() == bytes)
    #expect(try CodecTest.Scalars(serializedBytes: bytes) == message)
    #expect(try CodecTest.Scalars(serializedBytes: [] as [UInt8]).maybeInt32 == nil)
  }

  @Test func minusZeroIsNotTheDefault() throws {
    var message = CodecTest.Scalars()
    message.doubleValue = -0.0
    message.floatValue = -0.0
    #expect(message.serializedBytes() == [0x09, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x15, 0, 0, 0, 0x80])
    let back = try roundTrip(message)
    #expect(back.doubleValue.sign == .minus && back.floatValue.sign == .minus)
  }

  @Test func everyList() throws {
    var message = CodecTest.Lists()
    message.doubles = [1.5, -2.25]
    message.floats = [0.5]
    message.int32s = [-1, 0, .max]
    message.int64s = [.min, 3]
    message.uint32s = [.max]
    message.uint64s = [.max, 0]
    message.sint32s = [-64, 64]
    message.sint64s = [.min]
    message.fixed32s = [7]
    message.fixed64s = [8]
    message.sfixed32s = [-9]
    message.sfixed64s = [-10]
    message.bools = [true, false, true]
    message.strings = ["", "a", "a longer one than fifteen bytes"]
    message.blobs = [[], [1, 2]]
    message.colors = [.red, .unrecognized(9)]
    message.amounts = [CodecTest.Money(units: 1), CodecTest.Money()]
    message.unpacked = [1, 2]
    #expect(try roundTrip(message) == message)
  }

  @Test func listsOfNumbersArePackedUnlessDeclaredOtherwise() throws {
    var message = CodecTest.Lists()
    message.int32s = [3, 270, 86942]
    message.unpacked = [1, 2]
    let bytes: [UInt8] = [0x1A, 0x06, 0x03, 0x8E, 0x02, 0x9E, 0xA7, 0x05, 0x90, 0x01, 1, 0x90, 0x01, 2]
    #expect(message.serializedBytes() == bytes)
    // Either form is read for either declaration.
    let swapped: [UInt8] = [0x18, 3, 0x1A, 2, 0x8E, 0x02, 0x18, 0x9E, 0xA7, 0x05, 0x92, 0x01, 2, 1, 2]
    #expect(try CodecTest.Lists(serializedBytes: swapped) == message)
  }

  @Test func everyMap() throws {
    var message = CodecTest.Maps()
    message.labels = ["a": "b", "": ""]
    message.amounts = [-1: CodecTest.Money(units: 5), 7: CodecTest.Money()]
    message.flags = [true: 1.5, false: -1]
    message.colors = [-3: .red]
    message.blobs = [9: [1]]
    #expect(try roundTrip(message) == message)
  }

  @Test func mapEntriesWithMissingOrRepeatedParts() throws {
    // Neither key nor value; a key twice; the value before the key; the same key again.
    let bytes: [UInt8] = [
      0x0A, 0, 0x0A, 6, 0x0A, 1, 0x61, 0x0A, 1, 0x62, 0x0A, 6, 0x12, 1, 0x78, 0x0A, 1, 0x63, 0x0A, 6, 0x0A, 1, 0x63,
      0x12, 1,
      0x79,
    ]
    let message = try CodecTest.Maps(serializedBytes: bytes)
    #expect(message.labels == ["": "", "b": "", "c": "y"])
    // A message value in two parts, and one that is missing.
    let amounts = try CodecTest.Maps(
      serializedBytes: [0x12, 10, 0x08, 1, 0x12, 2, 0x10, 5, 0x12, 2, 0x18, 3, 0x12, 2, 0x08, 2] as [UInt8]
    )
    #expect(amounts.amounts == [1: CodecTest.Money(units: 5, nanos: 3), 2: CodecTest.Money()])
  }

  @Test func deterministicEncodingSortsKeys() {
    var message = CodecTest.Maps()
    for number in 0..<50 { message.labels[String(number)] = "" }
    message.amounts = [3: .init(), -3: .init(), 0: .init()]
    message.flags = [true: 0, false: 0]
    let once = message.serializedBytes(deterministic: true)
    var again = CodecTest.Maps()
    for number in (0..<50).reversed() { again.labels[String(number)] = "" }
    again.amounts = [0: .init(), 3: .init(), -3: .init()]
    again.flags = [false: 0, true: 0]
    #expect(again.serializedBytes(deterministic: true) == once)
    // "0", "1", "10", "11", …: by the bytes of the text.
    #expect(Array(once.prefix(10)) == [0x0A, 5, 0x0A, 1, 0x30, 0x12, 0, 0x0A, 5, 0x0A])
    let negative: [UInt8] = [0x12, 13, 0x08, 0xFD, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x12, 0]
    #expect(once.contains(negative + [0x12, 4, 0x08, 0]))
  }

  @Test func everyMemberOfAOneof() throws {
    for choice: CodecTest.Choice.Choice in [
      .text(""), .money(.init()), .number(0), .holder(CodecTest.Holder(notes: ["a"])),
    ] {
      let message = CodecTest.Choice(before: 1, choice: choice)
      #expect(try roundTrip(message) == message)
    }
    #expect(CodecTest.Choice(choice: .number(0)).serializedBytes() == [0x20, 0])
    #expect(CodecTest.Choice(choice: .money(.init())).serializedBytes() == [0x1A, 0])
  }

  @Test func subMessagesAcrossFilesAndRecursion() throws {
    var outer = CodecTest.Outer()
    outer.at = GoogleProtobuf.Timestamp(seconds: 1_700_000_000, nanos: 5)
    outer.details = [.init(typeUrl: "type.googleapis.com/x", value: [1])]
    #expect(try roundTrip(outer) == outer)
    var node = CodecTest.Node(name: "leaf")
    for depth in 0..<20 {
      node = CodecTest.Node(child: node, name: "\(depth)", children: [node]); node.children[0].child = nil
    }
    #expect(try roundTrip(node) == node)
  }

  @Test func fieldNumbersFarApart() throws {
    let message = CodecTest.Sparse(high: 3, low: 1, middle: 2)
    let bytes: [UInt8] = [0x08, 1, 0x80, 0xE2, 0x09, 2, 0xF8, 0xFF, 0xFF, 0xFF, 0x0F, 3]
    #expect(message.serializedBytes() == bytes)
    #expect(try CodecTest.Sparse(serializedBytes: bytes) == message)
  }

  @Test func namesAndLentBytes() {
    #expect(CodecTest.Money.protoName == "codec_test.Money")
    #expect(CodecTest.Money._descriptor.name == "codec_test.Money")
    #expect(CodecTest.Money.fieldNames == [1: "currency_code", 2: "units", 3: "nanos"])
    let money = CodecTest.Money(units: 5)
    #expect(money.withSerializedBytes { Array($0) } == [0x10, 5])
    // Encoding within a loan must not touch the bytes that are lent.
    money.withSerializedBytes { lent in
      #expect(CodecTest.Money(units: 6).serializedBytes() == [0x10, 6])
      #expect(Array(lent) == [0x10, 5])
    }
  }

  @Test(arguments: [0, 1, 7, 8, 9, 14, 15, 16, 17, 31, 64, 1000, 100_000])
  func textOfEveryLength(_ count: Int) throws {
    let text = String(repeating: "x", count: count)
    let message = CodecTest.Scalars(stringValue: text, bytesValue: Array(text.utf8))
    let back = try roundTrip(message)
    #expect(back == message && back.stringValue.utf8.count == count)
    let accented = String(repeating: "é", count: count / 2)
    #expect(try roundTrip(CodecTest.Money(currencyCode: accented)).currencyCode == accented)
  }

  @Test func messagesLargerThanTheArenaKeepsAreRight() throws {
    var lists = CodecTest.Lists()
    lists.int32s = Array(repeating: -1, count: 200_000)
    lists.amounts = (0..<20_000).map { CodecTest.Money(currencyCode: "CNY", units: $0, nanos: -1) }
    #expect(try roundTrip(lists) == lists)
    #expect(CodecTest.Money(units: 1).serializedBytes() == [0x10, 1])
  }
}
