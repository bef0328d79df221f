import Testing

@testable import Protobuf

/// What protobuf-c alone gets wrong, one test a trap; expected values are those of the protobuf specification.
@Suite struct WireTrapTests {
  @Test func splitSubMessageMerges() throws {
    // amount = {units: 5, currency_code: "X"}, then amount = {nanos: 3, currency_code: "Y", field 9: 7}
    let bytes: [UInt8] = [0x0A, 5, 0x10, 5, 0x0A, 1, 0x58, 0x0A, 7, 0x18, 3, 0x0A, 1, 0x59, 0x48, 7]
    let outer = try CodecTest.Outer(serializedBytes: bytes)
    #expect(outer.amount?.units == 5)
    #expect(outer.amount?.nanos == 3)
    #expect(outer.amount?.currencyCode == "Y")
    #expect(outer.amount?.unknownFields.bytes == [0x48, 7])
    // An explicit zero in the later part replaces.
    let zero = try CodecTest.Outer(serializedBytes: [0x0A, 2, 0x10, 5, 0x0A, 2, 0x10, 0] as [UInt8])
    #expect(zero.amount?.units == 0)
  }

  @Test func splitSubMessageAppendsListsMapsAndUnknownFields() throws {
    let lists = try CodecTest.Outer(
      serializedBytes: [0x2A, 4, 0x1A, 2, 1, 2, 0x2A, 8, 0x1A, 1, 3, 0x72, 1, 0x61, 0x68, 1] as [UInt8]
    )
    #expect(lists.lists?.int32s == [1, 2, 3])
    #expect(lists.lists?.strings == ["a"])
    #expect(lists.lists?.bools == [true])
    let maps = try CodecTest.Outer(
      serializedBytes: [0x32, 8, 0x0A, 6, 0x0A, 1, 0x61, 0x12, 1, 0x31, 0x32, 8, 0x0A, 6, 0x0A, 1, 0x62, 0x12, 1, 0x32]
        as [UInt8]
    )
    #expect(maps.maps?.labels == ["a": "1", "b": "2"])
    let unknown = try CodecTest.Outer(serializedBytes: [0x0A, 2, 0x48, 1, 0x0A, 2, 0x48, 2] as [UInt8])
    #expect(unknown.amount?.unknownFields.bytes == [0x48, 1, 0x48, 2])
  }

  @Test func splitMessageWhoseOneofIsUnset() throws {
    let holder = try CodecTest.Holder(serializedBytes: [0x1A, 2, 0x08, 5, 0x1A, 4, 0x32, 2, 0x12, 0] as [UInt8])
    #expect(holder.choice?.before == 5)
    #expect(holder.choice?.after?.notes == [""])
    #expect(holder.choice?.choice == nil)
  }

  @Test func oneofMessageGivenTwiceMerges() throws {
    let choice = try CodecTest.Choice(serializedBytes: [0x1A, 2, 0x10, 5, 0x1A, 2, 0x18, 3] as [UInt8])
    #expect(choice.choice == .money(CodecTest.Money(units: 5, nanos: 3)))
  }

  @Test func laterOneofMemberClearsEarlierOnes() throws {
    // money {units: 5}, text "a", money {nanos: 3}: the text cleared the first money.
    let choice = try CodecTest.Choice(
      serializedBytes: [0x1A, 2, 0x10, 5, 0x12, 1, 0x61, 0x1A, 2, 0x18, 3] as [UInt8]
    )
    #expect(choice.choice == .money(CodecTest.Money(nanos: 3)))
    let text = try CodecTest.Choice(serializedBytes: [0x1A, 2, 0x10, 5, 0x12, 1, 0x61] as [UInt8])
    #expect(text.choice == .text("a"))
    let number = try CodecTest.Choice(serializedBytes: [0x20, 1, 0x12, 1, 0x61, 0x20, 2, 0x08, 9] as [UInt8])
    #expect(number.choice == .number(2))
    #expect(number.before == 9)
  }

  @Test func oneofAcrossTheSplitPartsOfItsMessage() throws {
    // choice {money {units: 5}} twice, with different fields: the money merges as well.
    let same = try CodecTest.Holder(
      serializedBytes: [0x1A, 4, 0x1A, 2, 0x10, 5, 0x1A, 4, 0x1A, 2, 0x18, 3] as [UInt8]
    )
    #expect(same.choice?.choice == .money(CodecTest.Money(units: 5, nanos: 3)))
    let other = try CodecTest.Holder(
      serializedBytes: [0x1A, 4, 0x1A, 2, 0x10, 5, 0x1A, 2, 0x20, 7] as [UInt8]
    )
    #expect(other.choice?.choice == .number(7))
  }

  @Test func textKeepsNULs() throws {
    let money = try CodecTest.Money(serializedBytes: [0x0A, 3, 0x61, 0, 0x62] as [UInt8])
    #expect(money.currencyCode == "a\0b")
    #expect(money.serializedBytes() == [0x0A, 3, 0x61, 0, 0x62])
  }

  @Test func knownFieldWithForeignWireTypeIsUnknown() throws {
    // units as bytes, nanos as fixed32, currency_code as a number.
    let bytes: [UInt8] = [0x12, 1, 0x78, 0x1D, 1, 0, 0, 0, 0x08, 1]
    let money = try CodecTest.Money(serializedBytes: bytes + [0x10, 4])
    #expect(money.units == 4)
    #expect(money.unknownFields.bytes == bytes)
    #expect(money.serializedBytes() == [0x10, 4] + bytes)
  }

  @Test func booleanWithForeignWireTypeIsUnknown() throws {
    let scalars = try CodecTest.Scalars(serializedBytes: [0x6A, 1, 0x78] as [UInt8])
    #expect(scalars.boolValue == false)
    #expect(scalars.unknownFields.bytes == [0x6A, 1, 0x78])
    // Any varint but zero is true.
    #expect(try CodecTest.Scalars(serializedBytes: [0x68, 0x80, 0x80, 0x01] as [UInt8]).boolValue)
    #expect(try CodecTest.Lists(serializedBytes: [0x6A, 4, 0, 0x80, 0x01, 2] as [UInt8]).bools == [false, true, true])
  }

  @Test func unknownGroupsAreKept() throws {
    let group: [UInt8] = [0xF3, 0x01, 0x08, 1, 0xFB, 0x01, 0xFC, 0x01, 0xF4, 0x01]
    let money = try CodecTest.Money(serializedBytes: [0x10, 4] + group + [0x18, 5])
    #expect(money.units == 4 && money.nanos == 5)
    #expect(money.unknownFields.bytes == group)
    #expect(money.unknownFields.values(of: 30) == [.group([0x08, 1, 0xFB, 0x01, 0xFC, 0x01])])
    let nested = try CodecTest.Outer(serializedBytes: [0x0A, UInt8(group.count)] + group)
    #expect(nested.amount?.unknownFields.bytes == group)
  }

  @Test func groupsWithTheNumberOfAKnownFieldAreUnknown() throws {
    // units (2) and currency_code (1) as groups.
    let groups: [UInt8] = [0x13, 0x08, 1, 0x14, 0x0B, 0x0C]
    let money = try CodecTest.Money(serializedBytes: groups + [0x10, 4])
    #expect(money.units == 4 && money.currencyCode.isEmpty)
    #expect(money.unknownFields.bytes == groups)
    // A list, a sub-message and a map.
    let outer = try CodecTest.Outer(serializedBytes: [0x13, 0x14, 0x0B, 0x0C, 0x33, 0x34] as [UInt8])
    #expect(outer.amounts.isEmpty && outer.amount == nil && outer.maps == nil)
    #expect(outer.unknownFields.bytes == [0x13, 0x14, 0x0B, 0x0C, 0x33, 0x34])
  }

  /// protobuf-c looks at the first field of a type even when it has none.
  @Test func messageWithoutFieldsKnowsNone() throws {
    for number in 1...40 as ClosedRange<UInt64> {
      var bytes: [UInt8] = []
      bytes.append(varint: number << 3)
      bytes.append(7)
      #expect(try CodecTest.Empty(serializedBytes: bytes).unknownFields.bytes == bytes)
    }
    for bytes: [UInt8] in [[0, 1], [1, 1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 1], [5, 1, 2, 3, 4]] {
      #expect(throws: MessageDecodingError.self, "\(bytes)") { try CodecTest.Empty(serializedBytes: bytes) }
    }
  }

  @Test(
    arguments: [
      [0xF3, 0x01], [0xF3, 0x01, 0x08], [0xF3, 0x01, 0xFC, 0x01], [0xF4, 0x01], [0xF3, 0x01, 0x00, 0xF4, 0x01],
    ] as [[UInt8]]
  )
  func brokenGroupsAreMalformed(_ bytes: [UInt8]) {
    #expect(throws: MessageDecodingError.self) { try CodecTest.Money(serializedBytes: bytes) }
  }

  @Test func fieldNumbersOutOfRangeAreMalformed() {
    for bytes: [UInt8] in [
      [0x00, 1], [0x80, 0x00, 1], [0x07], [0x06],
      // 2^29 and the largest that five bytes hold
      [0x80, 0x80, 0x80, 0x80, 0x10, 1], [0xF8, 0xFF, 0xFF, 0xFF, 0x7F, 1],
      // six bytes
      [0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 1],
    ] {
      #expect(throws: MessageDecodingError.self, "\(bytes)") { try CodecTest.Money(serializedBytes: bytes) }
      let nested = [0x0A, UInt8(bytes.count)] + bytes
      #expect(throws: MessageDecodingError.self, "\(nested)") { try CodecTest.Outer(serializedBytes: nested) }
      // Nobody keeps the unknown fields of a map entry, but they are looked at.
      #expect(throws: MessageDecodingError.self, "\(nested)") { try CodecTest.Maps(serializedBytes: nested) }
    }
  }

  @Test func overlongVarints() throws {
    // Tag in three bytes, value in ten, length in six.
    #expect(try CodecTest.Money(serializedBytes: [0x90, 0x80, 0x00, 5] as [UInt8]).units == 5)
    let ten: [UInt8] = [0x18, 0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]
    #expect(try CodecTest.Money(serializedBytes: ten).nanos == 5)
    let length: [UInt8] = [0x0A, 0x81, 0x80, 0x80, 0x80, 0x80, 0x00, 0x61]
    #expect(try CodecTest.Money(serializedBytes: length).currencyCode == "a")
    // An int32 in 64 bits keeps its lower half.
    let wide: [UInt8] = [0x18, 0x81, 0x80, 0x80, 0x80, 0x10]
    #expect(try CodecTest.Money(serializedBytes: wide).nanos == 1)
    let eleven: [UInt8] = [0x18] + [UInt8](repeating: 0x80, count: 10) + [0x00]
    #expect(throws: MessageDecodingError.self) { try CodecTest.Money(serializedBytes: eleven) }
  }

  @Test func lengthsThatWrapAroundAreMalformed() {
    for length: [UInt8] in [
      [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFB, 0xFF, 0xFF, 0xFF, 0x0F], [0x80, 0x80, 0x80, 0x80, 0x08],
      [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x02], [0x80, 0x80, 0x80, 0x80, 0x10],
    ] {
      for tag: UInt8 in [0x0A, 0x32, 0x7A] {
        let error = #expect(throws: MessageDecodingError.self, "\(length)") {
          try CodecTest.Scalars(serializedBytes: [tag == 0x32 ? 0x72 : tag] + length + (length.count > 5 ? [] : [0]))
        }
        #expect(length == [0x80, 0x80, 0x80, 0x80, 0x10] || error?.kind == .malformed)
      }
    }
  }

  @Test func everyPrefixOfAMessageIsRefusedOrRead() throws {
    var outer = CodecTest.Outer(amount: .init(currencyCode: "CNY", units: 5))
    outer.lists = CodecTest.Lists(doubles: [1], int32s: [1, 300], strings: ["ab"])
    outer.maps = CodecTest.Maps(labels: ["a": "b"], amounts: [1: .init(units: 2)])
    let bytes = outer.serializedBytes()
    #expect(try CodecTest.Outer(serializedBytes: bytes) == outer)
    for count in 0..<bytes.count {
      let prefix = Array(bytes.prefix(count))
      // No trap, no hang; what is accepted can be written again.
      if let message = try? CodecTest.Outer(serializedBytes: prefix) { _ = message.serializedBytes() }
    }
  }

  @Test func anyByteMayChange() {
    var outer = CodecTest.Outer(amount: .init(currencyCode: "CNY", units: 5))
    outer.lists = CodecTest.Lists(doubles: [1], int32s: [1, 300], strings: ["ab"], amounts: [.init(nanos: 1)])
    outer.maps = CodecTest.Maps(labels: ["a": "b"], amounts: [1: .init(units: 2)])
    let bytes = outer.serializedBytes()
    var generator = Lehmer()
    for _ in 0..<20_000 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        changed[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      guard let message = try? CodecTest.Outer(serializedBytes: changed) else { continue }
      let written = message.serializedBytes(deterministic: true)
      let again = try? CodecTest.Outer(serializedBytes: written)
      #expect(again?.serializedBytes(deterministic: true) == written)
    }
  }

  @Test func carrierNumberInInputIsAnOrdinaryUnknownField() throws {
    // Field 19 999, with a group beside it so that the bytes get rewritten.
    let carrier: [UInt8] = [0xFA, 0xE1, 0x09, 2, 0x10, 9]
    let group: [UInt8] = [0xF3, 0x01, 0xF4, 0x01]
    for bytes in [carrier, carrier + group] {
      let money = try CodecTest.Money(serializedBytes: bytes)
      #expect(money.units == 0)
      #expect(money.unknownFields.bytes == bytes)
    }
  }

  @Test func unknownFieldsStayInOrderAndAppendOnMerge() throws {
    let unknown: [UInt8] = [0x48, 7, 0x52, 1, 0x61, 0x5D, 1, 2, 3, 4, 0x61, 1, 2, 3, 4, 5, 6, 7, 8]
    var money = try CodecTest.Money(serializedBytes: [0x10, 5] + unknown)
    #expect(money.unknownFields.bytes == unknown)
    #expect(money.serializedBytes() == [0x10, 5] + unknown)
    #expect(money.unknownFields.payloads(of: 10) == [[0x61]])
    #expect(money.unknownFields.values(of: 11) == [.fixed32(0x0403_0201)])
    #expect(money.unknownFields.values(of: 9) == [.varint(7)])
    try money.merge(serializedBytes: [0x48, 8, 0x18, 2])
    #expect(money.unknownFields.bytes == unknown + [0x48, 8])
    #expect(money.units == 5 && money.nanos == 2)
    #expect(UnknownFields(bytes: unknown)?.bytes == unknown)
    #expect(UnknownFields(bytes: [0x48]) == nil)
  }
}

/// A small generator of the same numbers at every run.
struct Lehmer: RandomNumberGenerator {
  var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
