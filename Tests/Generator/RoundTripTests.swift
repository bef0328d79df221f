import Foundation
import GoldenContracts
import Protobuf
import Testing

/// The code generated for the golden contracts compiles (it is a target) and agrees with protoc about bytes.
@Suite struct RoundTripTests {
  /// Both directions: protoc's bytes of `text` decode to `message`, and protoc reads our bytes as the same text.
  private func expect<M: Message>(_ message: M, _ text: String, in contract: String) throws {
    let bytes = try Protoc.convert("encode", M.protoName, in: contract, Array(text.utf8))
    let decoded = try M(serializedBytes: bytes)
    #expect(decoded == message, "\(decoded.firstDifference(from: message) ?? "")")
    let back = try Protoc.convert("decode", M.protoName, in: contract, message.serializedBytes(deterministic: true))
    #expect(String(decoding: back, as: UTF8.self) == text)
  }

  @Test func scalars() throws {
    let message = GoldenScalars.Scalars(
      aDouble: -1.5,
      aFloat: 0.25,
      anInt32: -1,
      anInt64: .min,
      aUint32: .max,
      aUint64: .max,
      aSint32: -2,
      aSint64: .max,
      aFixed32: 7,
      aFixed64: 8,
      anSfixed32: -9,
      anSfixed64: -10,
      aBool: true,
      aString: "小微",
      someBytes: [0, 255],
      last: 3
    )
    let text = """
      a_double: -1.5
      a_float: 0.25
      an_int32: -1
      an_int64: -9223372036854775808
      a_uint32: 4294967295
      a_uint64: 18446744073709551615
      a_sint32: -2
      a_sint64: 9223372036854775807
      a_fixed32: 7
      a_fixed64: 8
      an_sfixed32: -9
      an_sfixed64: -10
      a_bool: true
      a_string: "\\345\\260\\217\\345\\276\\256"
      some_bytes: "\\000\\377"
      last: 3

      """
    try expect(message, text, in: "golden/scalars.proto")
    try expect(GoldenScalars.Scalars(), "", in: "golden/scalars.proto")
    try expect(GoldenScalars.Empty(), "", in: "golden/scalars.proto")
  }

  @Test func optionalDefaultsAreWritten() throws {
    let message = GoldenOptional.OptionalMessage(
      count: 0,
      text: "",
      data: [],
      flag: false,
      color: .unspecified,
      inner: .init(),
      plain: .init(value: 1)
    )
    let text = """
      count: 0
      text: ""
      data: ""
      flag: false
      color: COLOR_UNSPECIFIED
      inner {
      }
      plain {
        value: 1
      }

      """
    try expect(message, text, in: "golden/optional.proto")
    try expect(GoldenOptional.OptionalMessage(), "", in: "golden/optional.proto")
  }

  @Test func repeatedFields() throws {
    let message = GoldenRepeated.Repeated(
      packed: [1, -1],
      unpacked: [2, 3],
      texts: ["", "a"],
      blobs: [[1], []],
      flags: [true, false],
      numbers: [0.5],
      kinds: [.first, .unspecified],
      unpackedKinds: [.first],
      elements: [.init(name: "x"), .init()],
      signed: [-3],
      fixed: [4]
    )
    let text = """
      packed: 1
      packed: -1
      unpacked: 2
      unpacked: 3
      texts: ""
      texts: "a"
      blobs: "\\001"
      blobs: ""
      flags: true
      flags: false
      numbers: 0.5
      kinds: KIND_FIRST
      kinds: KIND_UNSPECIFIED
      unpacked_kinds: KIND_FIRST
      elements {
        name: "x"
      }
      elements {
      }
      signed: -3
      fixed: 4

      """
    try expect(message, text, in: "golden/repeated.proto")
    // Packed or not, a reader takes both.
    #expect(
      try GoldenRepeated.Repeated(serializedBytes: [0x08, 1, 0x12, 2, 2, 3]) == .init(packed: [1], unpacked: [2, 3])
    )
  }

  @Test func maps() throws {
    let message = GoldenMaps.Maps(
      labels: ["a": "1", "b": ""],
      entries: [-1: .init(value: 5)],
      levels: [true: .high],
      blobs: [9: [1]],
      numbers: [-4: 0.5],
      flags: [7: true]
    )
    let text = """
      labels {
        key: "a"
        value: "1"
      }
      labels {
        key: "b"
        value: ""
      }
      entries {
        key: -1
        value {
          value: 5
        }
      }
      levels {
        key: true
        value: LEVEL_HIGH
      }
      blobs {
        key: 9
        value: "\\001"
      }
      numbers {
        key: -4
        value: 0.5
      }
      flags {
        key: 7
        value: true
      }

      """
    try expect(message, text, in: "golden/maps.proto")
  }

  @Test func oneofs() throws {
    let message = GoldenOneofs.Oneofs(
      before: "b",
      content: .piece(.init(size: 3)),
      between: "c",
      partChoice: .right(.init()),
      part: .name("")
    )
    let text = """
      before: "b"
      piece {
        size: 3
      }
      between: "c"
      right {
      }
      name: ""

      """
    try expect(message, text, in: "golden/oneofs.proto")
    try expect(GoldenOneofs.Oneofs(content: .number(0)), "number: 0\n", in: "golden/oneofs.proto")
    try expect(GoldenOneofs.Oneofs(content: .shape(.round)), "shape: SHAPE_ROUND\n", in: "golden/oneofs.proto")
  }

  @Test func enums() throws {
    let message = GoldenEnums.Holder(dayCount: .thirtyE360, aliased: .running, signed: .least)
    let text = """
      day_count: THIRTY_E_360
      aliased: ALIASED_STARTED
      signed: SIGNED_LEAST

      """
    try expect(message, text, in: "golden/enums.proto")
    try expect(GoldenEnums.Holder(dayCount: .unrecognized(99)), "day_count: 99\n", in: "golden/enums.proto")
    #expect(GoldenEnums.Signed.allCases.map(\.rawValue) == [0, -1, .min, .max])
  }

  @Test func recursion() throws {
    var tree = GoldenRecursion.Tree(name: "root", left: .init(name: "l"), named: ["n": .init(right: .init(name: "r"))])
    let text = """
      name: "root"
      left {
        name: "l"
      }
      named {
        key: "n"
        value {
          right {
            name: "r"
          }
        }
      }

      """
    try expect(tree, text, in: "golden/recursion.proto")
    // Boxes are shared by copies, values are not.
    let copy = tree
    tree.left?.name = "changed"
    #expect(copy.left?.name == "l")
    let sum = GoldenRecursion.Expression(
      form: .sum(.init(left: .init(form: .literal(1)), right: .init(form: .negation(.init(form: .literal(2))))))
    )
    let sumText = """
      sum {
        left {
          literal: 1
        }
        right {
          negation {
            literal: 2
          }
        }
      }

      """
    try expect(sum, sumText, in: "golden/recursion.proto")
  }

  @Test func importsOfOtherModules() throws {
    let message = GoldenImports.Imports(
      amount: .init(units: 5),
      currency: .cny,
      time: .init(seconds: 1, nanos: 2),
      status: .init(code: 3, message: "m")
    )
    let text = """
      amount {
        units: 5
      }
      currency: CURRENCY_CNY
      time {
        seconds: 1
        nanos: 2
      }
      status {
        code: 3
        message: "m"
      }

      """
    try expect(message, text, in: "golden/imports.proto")
  }

  @Test func requiredFieldsAreAlwaysWritten() throws {
    let message = GoldenProto2.Proto2(
      count: 0,
      unpacked: [1, 2],
      packed: [3, 4],
      part: .init(exact: false),
      neededMode: .fast
    )
    let text = """
      name: ""
      count: 0
      unpacked: 1
      unpacked: 2
      packed: 3
      packed: 4
      part {
        exact: false
      }
      needed_mode: MODE_FAST

      """
    try expect(message, text, in: "golden/proto2.proto")
    let empty = GoldenProto2.Proto2()
    #expect(empty.countOrDefault == -7)
    #expect(empty.textOrDefault == "say \"hi\"\n")
    #expect(empty.dataOrDefault == [1, 255, UInt8(ascii: "~")])
    #expect(empty.ratioOrDefault == .infinity)
    #expect(empty.modeOrDefault == .fast)
  }

  @Test func extensionsStayInUnknownFields() throws {
    let text = "name: \"\"\npart {\n  exact: true\n}\nneeded_mode: MODE_SLOW\n[golden.proto2.note]: \"kept\"\n"
    let bytes = try Protoc.convert("encode", "golden.proto2.Proto2", in: "golden/proto2.proto", Array(text.utf8))
    let message = try GoldenProto2.Proto2(serializedBytes: bytes)
    #expect(message.unknownFields.payloads(of: 100) == [Array("kept".utf8)])
    #expect(message.serializedBytes() == bytes)
  }
}
