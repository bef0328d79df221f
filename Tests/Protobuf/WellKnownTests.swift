import Testing

@testable import Protobuf

@Suite struct TimestampTests {
  typealias Timestamp = GoogleProtobuf.Timestamp

  /// Seconds as `date -u -d … +%s` gives them; the ends are those of the contract.
  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0, 0),
      ("1969-12-31T23:59:59.999Z", -1, 999_000_000),
      ("2000-02-29T12:30:45.000001Z", 951_827_445, 1000),
      ("2100-03-01T00:00:00Z", 4_107_542_400, 0),
      ("0001-01-01T00:00:00Z", -62_135_596_800, 0),
      ("9999-12-31T23:59:59.999999999Z", 253_402_300_799, 999_999_999),
    ] as [(String, Int64, Int32)]
  )
  func textThereAndBack(_ text: String, _ seconds: Int64, _ nanos: Int32) {
    let time = Timestamp(seconds: seconds, nanos: nanos)
    #expect(time.rfc3339 == text)
    #expect(Timestamp(rfc3339: text) == time)
  }

  @Test func textWithOffset() {
    #expect(Timestamp(rfc3339: "1970-01-01T08:00:00+08:00") == Timestamp())
    #expect(Timestamp(rfc3339: "1969-12-31t19:00:00.5-05:00") == Timestamp(nanos: 500_000_000))
  }

  @Test(arguments: [
    "", "1970-01-01", "1970-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "1970-13-01T00:00:00Z", "1970-01-01T24:00:00Z",
    "1970-01-01T00:00:60Z", "1970-01-01T00:00:00", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00.1234567890Z",
    "1970-01-01T00:00:00Z ", "0000-12-31T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-00:01",
  ])
  func otherTextIsRefused(_ text: String) { #expect(Timestamp(rfc3339: text) == nil) }

  @Test func validity() {
    #expect(!Timestamp(seconds: 253_402_300_800).isValid)
    #expect(!Timestamp(nanos: -1).isValid)
    #expect(!Timestamp(nanos: 1_000_000_000).isValid)
    #expect(Timestamp(seconds: .max).rfc3339 == nil)
  }

  @Test func microseconds() {
    #expect(Timestamp(microsecondsSince1970: -1) == Timestamp(seconds: -1, nanos: 999_999_000))
    #expect(Timestamp(microsecondsSince1970: -1_000_000) == Timestamp(seconds: -1))
    for microseconds: Int64 in [.min, -1, 0, 1, 1_700_000_000_123_456, .max] {
      #expect(Timestamp(microsecondsSince1970: microseconds).microsecondsSince1970 == microseconds)
    }
    #expect(Timestamp(seconds: .max).microsecondsSince1970 == nil)
  }

  @Test func orderAndArithmetic() {
    let early = Timestamp(seconds: -1, nanos: 999_999_999)
    #expect(early < Timestamp())
    #expect(Timestamp() - early == .nanoseconds(1))
    #expect(early + .nanoseconds(1) == Timestamp())
    #expect(Timestamp() - .nanoseconds(1) == early)
    #expect(Timestamp(seconds: .max) + .seconds(1) == Timestamp(seconds: .max))
  }
}

@Suite struct DurationTests {
  typealias Length = GoogleProtobuf.Duration

  @Test(
    arguments: [
      ("0s", 0, 0), ("1.500s", 1, 500_000_000), ("-1.500s", -1, -500_000_000), ("-0.000001s", 0, -1000),
      ("315576000000s", 315_576_000_000, 0), ("3.000000001s", 3, 1),
    ] as [(String, Int64, Int32)]
  )
  func textThereAndBack(_ text: String, _ seconds: Int64, _ nanos: Int32) {
    let length = Length(seconds: seconds, nanos: nanos)
    #expect(length.text == text)
    #expect(Length(text: text) == length)
    #expect(Length(length.duration) == length)
  }

  @Test(arguments: ["", "1", "s", "1.s", "--1s", "1.0000000001s", "315576000001s", "1 s", "1234567890123s"])
  func otherTextIsRefused(_ text: String) { #expect(Length(text: text) == nil) }

  @Test func signsMustAgree() {
    #expect(!Length(seconds: 1, nanos: -1).isValid)
    #expect(!Length(seconds: -1, nanos: 1).isValid)
    #expect(Swift.Duration(Length(seconds: 1, nanos: 5)) == .nanoseconds(1_000_000_005))
  }
}

@Suite struct OtherWellKnownTests {
  @Test func anyByTypeURL() throws {
    let money = CodecTest.Money(currencyCode: "CNY", units: 5)
    let packed = GoogleProtobuf.`Any`(packing: money)
    #expect(packed.typeUrl == "type.googleapis.com/codec_test.Money")
    #expect(try packed.unpacked(as: CodecTest.Money.self) == money)
    #expect(try packed.unpacked(as: CodecTest.Empty.self) == nil)
    let elsewhere = GoogleProtobuf.`Any`(typeUrl: "x/y/codec_test.Money", value: [0x10, 5])
    #expect(try elsewhere.unpacked() == CodecTest.Money(units: 5))
    #expect(!GoogleProtobuf.`Any`(typeUrl: "codec_test.Money").holds(CodecTest.Money.self))
    #expect(throws: MessageDecodingError.self) {
      _ = try GoogleProtobuf.`Any`(typeUrl: "/codec_test.Money", value: [0x10]).unpacked(as: CodecTest.Money.self)
    }
  }

  private typealias AnyMessage = GoogleProtobuf.`Any`

  /// The contract of `Any` imports nothing; the texts are those of Protobuf's JSON mapping.
  @Test(arguments: [
    (AnyMessage(packing: GoogleProtobuf.Empty()), "Empty", nil),
    (AnyMessage(packing: GoogleProtobuf.Duration(seconds: 1, nanos: 500_000_000)), "Duration", #""1.500s""#),
    (AnyMessage(packing: GoogleProtobuf.Timestamp(seconds: 0)), "Timestamp", #""1970-01-01T00:00:00Z""#),
    (AnyMessage(packing: GoogleProtobuf.FieldMask(paths: ["a_b", "c"])), "FieldMask", #""aB,c""#),
    (AnyMessage(packing: ["a": [1.5, nil]] as GoogleProtobuf.Struct), "Struct", #"{"a":[1.5,null]}"#),
    (AnyMessage(packing: nil as GoogleProtobuf.Value), "Value", "null"),
    (AnyMessage(packing: [true] as GoogleProtobuf.ListValue), "ListValue", "[true]"),
    (AnyMessage(packing: GoogleProtobuf.Int64Value(value: 5)), "Int64Value", #""5""#),
    (AnyMessage(packing: GoogleProtobuf.UInt64Value(value: 5)), "UInt64Value", #""5""#),
    (AnyMessage(packing: GoogleProtobuf.Int32Value(value: 5)), "Int32Value", "5"),
    (AnyMessage(packing: GoogleProtobuf.UInt32Value(value: 5)), "UInt32Value", "5"),
    (AnyMessage(packing: GoogleProtobuf.DoubleValue(value: 0.5)), "DoubleValue", "0.5"),
    (AnyMessage(packing: GoogleProtobuf.FloatValue(value: 0.5)), "FloatValue", "0.5"),
    (AnyMessage(packing: GoogleProtobuf.BoolValue(value: true)), "BoolValue", "true"),
    (AnyMessage(packing: GoogleProtobuf.StringValue(value: "x")), "StringValue", #""x""#),
    (AnyMessage(packing: GoogleProtobuf.BytesValue(value: [1])), "BytesValue", #""AQ==""#),
    (
      AnyMessage(packing: AnyMessage(packing: GoogleProtobuf.Empty())), "Any",
      #"{"@type":"type.googleapis.com/google.protobuf.Empty"}"#
    ),
  ])
  func anyHoldsWellKnownTypesWithoutAnImport(_ any: GoogleProtobuf.`Any`, _ name: String, _ value: String?) throws {
    let member = value.map { #","value":\#($0)"# } ?? ""
    let json = #"{"@type":"type.googleapis.com/google.protobuf.\#(name)"\#(member)}"#
    #expect(try any.jsonString() == json)
    #expect(try AnyMessage(jsonString: json) == any)
  }

  @Test func anyHoldsMessagesOfWellKnownContracts() throws {
    let json = #"{"@type":"type.googleapis.com/google.protobuf.SourceContext","fileName":"a.proto"}"#
    let any = AnyMessage(packing: GoogleProtobuf.SourceContext(fileName: "a.proto"))
    #expect(try any.jsonString() == json)
    #expect(try AnyMessage(jsonString: json) == any)
    #expect(throws: JSONEncodingError.self) { try AnyMessage(packing: CodecTest.Money()).jsonString() }
  }

  /// As Go's implementation writes it.
  @Test func anEmptyMessageMayBeAValue() throws {
    let type = #""@type": "type.googleapis.com/google.protobuf.Empty""#
    let empty = AnyMessage(packing: GoogleProtobuf.Empty())
    #expect(try AnyMessage(jsonString: #"{\#(type), "value": {}}"#) == empty)
    for members in [#""value": 1"#, #""value": {}, "value": {}"#, #""value": {"a": 1}"#, #""other": {}"#] {
      #expect(throws: JSONDecodingError.self) { try AnyMessage(jsonString: #"{\#(type), \#(members)}"#) }
    }
  }

  @Test func structFromLiterals() throws {
    let value: GoogleProtobuf.Value = ["a": 1, "b": [true, nil, "x", 2.5], "c": ["d": false]]
    #expect(value["a"]?.number == 1)
    #expect(value["b"]?.array == [true, nil, "x", 2.5])
    #expect(value["b"]?.array?[1].isNull == true)
    #expect(value["c"]?["d"]?.bool == false)
    #expect(value["b"]?.array?[2].string == "x")
    #expect(value["e"] == nil)
    #expect(try GoogleProtobuf.Value(serializedBytes: value.serializedBytes()) == value)
    var members: GoogleProtobuf.Struct = ["a": 1]
    members["b"] = "c"
    #expect(members.fields == ["a": 1, "b": "c"])
  }

  @Test func fieldMasks() {
    let mask: GoogleProtobuf.FieldMask = ["amount.units", "lists", "amountless", "amounts.units", "maps.labels.x", ""]
    #expect(mask.covers("lists.int32s") && mask.covers("amount.units") && !mask.covers("amount"))
    #expect(!mask.covers("listsextra"))
    #expect(mask.unknownPaths(in: CodecTest.Outer.self) == ["amountless", "amounts.units", "maps.labels.x", ""])
  }

  @Test func wrapperLiterals() throws {
    let number: GoogleProtobuf.Int64Value = 5
    let text: GoogleProtobuf.StringValue = "a"
    let bytes: GoogleProtobuf.BytesValue = [1, 2]
    let flag: GoogleProtobuf.BoolValue = true
    #expect(number.serializedBytes() == [0x08, 5])
    #expect(text.value == "a" && bytes.value == [1, 2] && flag.value)
  }

  @Test func descriptorsOfProto2() throws {
    // Explicit presence, declared defaults, and an option that only an extension knows.
    var options = GoogleProtobuf.FieldOptions()
    #expect(options.lazy == nil && options.lazyOrDefault == false)
    options.packed = false
    #expect(options.serializedBytes() == [0x10, 0])
    let extended = try GoogleProtobuf.MethodOptions(serializedBytes: [0x92, 0xB6, 0x18, 1, 0x61] as [UInt8])
    #expect(extended.unknownFields.payloads(of: 50_018) == [[0x61]])
    let file = try GoogleProtobuf.FileDescriptorProto(serializedBytes: GoogleProtobuf.descriptorFile.serializedBytes)
    #expect(file.name == "google/protobuf/descriptor.proto")
    #expect(file.messageType.contains { $0.name == "DescriptorProto" })
  }
}
