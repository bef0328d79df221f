import Testing

@testable import Protobuf

/// JSON by contracts that are known at run time only, which may come from anybody.
@Suite struct JSONTests {
  private typealias Field = GoogleProtobuf.FieldDescriptorProto

  /// A pool of one file with a message `m.M` of these fields, and two oneofs.
  private func pool(_ fields: [Field], syntax: String = "proto3") throws -> (DescriptorPool, MessageSchema) {
    let message = GoogleProtobuf.DescriptorProto(
      name: "M", field: fields, oneofDecl: [.init(name: "first"), .init(name: "second")])
    let pool = try DescriptorPool([
      GoogleProtobuf.FileDescriptorProto(name: "m.proto", package: "m", messageType: [message], syntax: syntax)
    ])
    return (pool, try #require(pool.message("m.M")))
  }

  private func field(_ number: Int32, _ name: String, _ type: Field.TypeEnum, oneof: Int32? = nil) -> Field {
    Field(name: name, number: number, label: .optional, type: type, oneofIndex: oneof)
  }

  private func text(_ bytes: [UInt8], _ fields: [Field]) throws -> String {
    let (pool, schema) = try pool(fields)
    return String(decoding: try pool.json(bytes, as: schema), as: UTF8.self)
  }

  @Test func lastMemberOfAOneofCounts() throws {
    let fields = [
      field(1, "a", .int32, oneof: 0), field(2, "b", .string, oneof: 0), field(3, "c", .int32, oneof: 1),
      field(4, "d", .int32),
    ]
    #expect(try text([0x08, 5, 0x12, 1, 0x78], fields) == #"{"b":"x"}"#)
    #expect(try text([0x12, 1, 0x78, 0x08, 5], fields) == #"{"a":5}"#)
    #expect(try text([0x20, 1, 0x08, 5, 0x18, 2, 0x12, 0, 0x08, 6], fields) == #"{"a":6,"c":2,"d":1}"#)
  }

  @Test func messageInAOneofMergesOnlyWhatNothingCleared() throws {
    var inner = field(1, "a", .message, oneof: 0)
    inner.typeName = ".m.M"
    let fields = [inner, field(2, "b", .int32, oneof: 0), field(3, "c", .int32), field(4, "d", .int32)]
    #expect(try text([0x0A, 2, 0x18, 1, 0x0A, 2, 0x20, 2], fields) == #"{"a":{"c":1,"d":2}}"#)
    #expect(try text([0x0A, 2, 0x18, 1, 0x10, 9, 0x0A, 2, 0x20, 2], fields) == #"{"a":{"d":2}}"#)
  }

  /// Not over all that came before at each change of the member.
  @Test(.timeLimit(.minutes(1)))
  func oneofThatChangesOftenTakesTimeInProportion() throws {
    let fields = [field(1, "a", .int32, oneof: 0), field(2, "b", .int32, oneof: 0)]
    let bytes = [[UInt8]](repeating: [0x08, 1, 0x10, 2], count: 200_000).flatMap { $0 }
    #expect(try text(bytes, fields) == #"{"b":2}"#)
  }

  @Test(arguments: [-1, 2, .max, .min] as [Int32])
  func oneofThatIsNotThereIsNone(_ index: Int32) throws {
    let (pool, schema) = try pool([field(1, "a", .int32, oneof: index), field(2, "b", .int32, oneof: index)])
    #expect(schema.fields.allSatisfy { $0.oneof == nil })
    let bytes = try pool.serializedBytes(json: Array(#"{"a": 1, "b": 2}"#.utf8), as: schema)
    #expect(bytes == [0x08, 1, 0x10, 2])
    #expect(try pool.json(bytes, as: schema) == Array(#"{"a":1,"b":2}"#.utf8))
  }

  @Test func requiredFieldsMustBeThere() throws {
    var required = field(1, "a", .int32)
    required.label = .required
    let (pool, schema) = try pool([required, field(2, "b", .int32)], syntax: "proto2")
    #expect(try pool.serializedBytes(json: Array(#"{"a": 0}"#.utf8), as: schema) == [0x08, 0])
    for text in ["{}", #"{"b": 1}"#, #"{"a": null}"#] {
      let json = Array(text.utf8)
      #expect(throws: JSONDecodingError.self, "\(text)") { try pool.serializedBytes(json: json, as: schema) }
    }
  }

  /// Swift's strings are equal that look the same: here U+212A, which looks like a K.
  @Test func namesAreComparedByTheirBytes() throws {
    let (pool, schema) = try pool([field(1, "K", .int32)])
    #expect(try pool.serializedBytes(json: Array(#"{"K": 1}"#.utf8), as: schema) == [0x08, 1])
    for name in ["\u{212A}", #"\u212A"#] {
      #expect(throws: JSONDecodingError.self) {
        try pool.serializedBytes(json: Array(#"{"\#(name)": 1}"#.utf8), as: schema)
      }
    }
    #expect(try pool.serializedBytes(json: Array(#"{"\u004b": 1}"#.utf8), as: schema) == [0x08, 1])
  }

  @Test func mapsKeepKeysApartThatLookTheSame() throws {
    // labels {"é": "1"} and {"e\u{301}": "2"}, as bytes.
    let bytes: [UInt8] = [
      0x0A, 7, 0x0A, 2, 0xC3, 0xA9, 0x12, 1, 0x31, 0x0A, 8, 0x0A, 3, 0x65, 0xCC, 0x81, 0x12, 1, 0x32,
    ]
    let pool = try DescriptorPool([CodecTest.Maps.protoFile])
    let schema = try #require(pool.message("codec_test.Maps"))
    let text = try pool.json(bytes, as: schema)
    #expect(text == Array("{\"labels\":{\"é\":\"1\",\"e\u{301}\":\"2\"}}".utf8))
    // A dictionary could hold only one of them: told, not lost.
    #expect(throws: JSONDecodingError.self) { try CodecTest.Maps(jsonUTF8Bytes: text) }
    #expect(throws: JSONDecodingError.self) { try CodecTest.Maps(jsonString: #"{"amounts": {"1": {}, "1e0": {}}}"#) }
  }

  @Test func errorsNameThePlaceAndTheByte() {
    let cases = [
      (#"{"amount": {"units": "x"}}"#, "amount.units", 24),
      (#"{"amounts": [{}, {"nanos": 1.5}]}"#, "amounts[1].nanos", 30),
      (#"{"maps": {"labels": {"a b": 1}}}"#, "maps.labels.a b", 28),
      (#"{"amount": {"\u0075nits": 1, "units": 2}}"#, "amount.units", 37),
      (#"{"nothing": 1}"#, "nothing", 11),
      ("{} x", "", 3), ("", "", 0),
    ]
    for (text, path, offset) in cases {
      let error = #expect(throws: JSONDecodingError.self, "\(text)") { try CodecTest.Outer(jsonString: text) }
      #expect(error?.path == path)
      #expect(error?.offset == offset, "\(text): \(error?.offset ?? -1)")
    }
  }

  @Test func integersOfEveryLength() throws {
    for text in ["0", "-0", "999999999999999999", "1000000000000000000", "-9223372036854775808", "9223372036854775807"]
    {
      let value = try #require(Int64(text))
      for json in [text, "\"\(text)\"", "\(text)e0", "\(text).000", "\(text).0e+0"] {
        #expect(try CodecTest.Scalars(jsonString: "{\"int64Value\":\(json)}").int64Value == value, "\(json)")
      }
    }
    #expect(try CodecTest.Scalars(jsonString: #"{"int64Value": 1200e-2}"#).int64Value == 12)
    for json in ["00", "01", "-", "1 2", "\"1", "\"01\"", "\"\"", "9223372036854775808", "1e19", "+1", "0x1", "\"1e\""]
    {
      #expect(throws: JSONDecodingError.self, "\(json)") {
        try CodecTest.Scalars(jsonString: "{\"int64Value\":\(json)}")
      }
    }
  }

  @Test func longNestedMessagesKeepTheirLengths() throws {
    for count in [0, 1, 100, 123, 124, 125, 126, 127, 128, 16_380, 16_383, 16_384, 70_000] {
      let name = String(repeating: "n", count: count)
      let node = CodecTest.Node(child: .init(child: .init(name: name)), children: [.init(name: name), .init()])
      #expect(try CodecTest.Node(jsonUTF8Bytes: node.jsonUTF8Bytes()) == node)
    }
  }

  /// `depth` values within one another: messages, values of google.protobuf.Value, values that nobody knows.
  private func nested(_ kind: Int, _ depth: Int) -> String {
    let (open, inner, close) =
      [(#"{"child":"#, "{}", "}"), ("[", "0", "]"), (#"{"a":"#, "0", "}"), (#"{"x":["#, "0", "]}")][kind]
    return String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)
  }

  @Test func depthIsBoundedExactly() throws {
    let pool = try DescriptorPool([CodecTest.Node.protoFile, GoogleProtobuf.Value.protoFile])
    let node = try #require(pool.message("codec_test.Node"))
    let value = try #require(pool.message("google.protobuf.Value"))
    var options = JSONDecodingOptions()
    func check(_ text: String, _ schema: MessageSchema, isTooDeep: Bool) {
      let error: JSONDecodingError?
      do throws(JSONDecodingError) {
        _ = try pool.serializedBytes(json: Array(text.utf8), as: schema, options: options)
        error = nil
      } catch let failure {
        error = failure
      }
      #expect((error?.reason.contains("deep") == true) == isTooDeep, "\(error?.reason ?? "none")")
      #expect((error != nil) == isTooDeep)
    }
    options.ignoresUnknownFields = true
    for depth in [1, 2, 100] {
      options.maxDepth = depth
      check(nested(0, depth - 1), node, isTooDeep: false)
      check(nested(0, depth), node, isTooDeep: true)
      for kind in [1, 2] {
        check(nested(kind, depth - 1), value, isTooDeep: false)
        check(nested(kind, depth), value, isTooDeep: true)
        check(#"{"nobody":"# + nested(kind, depth) + "}", node, isTooDeep: false)
        check(#"{"nobody":"# + nested(kind, depth + 1) + "}", node, isTooDeep: true)
      }
    }
    // A level of text costs no level of a stack.
    for kind in 0...3 {
      if kind != 1 { check(nested(kind, 200_000), node, isTooDeep: true) }
      check(nested(kind, 200_000), value, isTooDeep: true)
      check(#"{"nobody":"# + nested(kind, 200_000) + "}", node, isTooDeep: true)
    }
  }

  @Test(
    arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xC3]] as [[UInt8]])
  func textIsUTF8(_ broken: [UInt8]) {
    var options = JSONDecodingOptions()
    options.ignoresUnknownFields = true
    for (before, after) in [(#"{"name":"a"#, #""}"#), (#"{"nobody":"a\n"#, #"\u0041"}"#), (#"{"a"#, #"":1}"#)] {
      let text = Array(before.utf8) + broken + Array(after.utf8)
      let error = #expect(throws: JSONDecodingError.self) { try CodecTest.Node(jsonUTF8Bytes: text, options: options) }
      #expect(error?.reason == "the string is not UTF-8")
    }
  }
}
