import Foundation
import Testing

@testable import Protobuf

@Suite struct LimitTests {
  /// `depth` nodes within one another, by `child` (field 1) or `children` (field 3).
  private func nested(_ depth: Int, tag: UInt8 = 0x0A) -> [UInt8] {
    var reversed: [UInt8] = []
    for _ in 0..<depth {
      var length: [UInt8] = []
      length.append(varint: UInt64(reversed.count))
      reversed += length.reversed() + [tag]
    }
    return reversed.reversed()
  }

  @Test(arguments: [0x0A, 0x1A] as [UInt8])
  func exactlyAHundredLevels(_ tag: UInt8) throws {
    _ = try CodecTest.Node(serializedBytes: nested(99, tag: tag))
    _ = try CodecTest.Node(serializedBytes: nested(100, tag: tag))
    let error = #expect(throws: MessageDecodingError.self) {
      try CodecTest.Node(serializedBytes: nested(101, tag: tag))
    }
    #expect(error?.kind == .tooDeep)
    #expect(error?.path.hasPrefix(tag == 0x0A ? "child.child." : "children[0].children[0].") == true)
  }

  @Test func aMillionLevelsAreRefusedWithoutRecursion() {
    let error = #expect(throws: MessageDecodingError.self) {
      try CodecTest.Node(serializedBytes: nested(200_000))
    }
    #expect(error?.kind == .tooDeep)
  }

  @Test func groupsCountAsLevels() throws {
    let shallow = [UInt8](repeating: 0x53, count: 100) + [UInt8](repeating: 0x54, count: 100)
    #expect(try CodecTest.Money(serializedBytes: shallow).unknownFields.bytes == shallow)
    let deep = [UInt8](repeating: 0x53, count: 101) + [UInt8](repeating: 0x54, count: 101)
    let error = #expect(throws: MessageDecodingError.self) { try CodecTest.Money(serializedBytes: deep) }
    #expect(error?.kind == .tooDeep)
  }

  @Test func aLowerLimitHoldsForTypesThatAreNotRecursive() throws {
    let bytes = CodecTest.Outer(amount: .init(units: 1)).serializedBytes()
    _ = try CodecTest.Outer(serializedBytes: bytes, limits: DecodingLimits(maxDepth: 1))
    let error = #expect(throws: MessageDecodingError.self) {
      try CodecTest.Outer(serializedBytes: bytes, limits: DecodingLimits(maxDepth: 0))
    }
    #expect(error?.kind == .tooDeep)
  }

  @Test func emptySubMessagesByTheMillionExceedTheBudget() throws {
    // Two bytes each; every one takes a layout of its own.
    let bytes = [UInt8](repeating: 0, count: 2_000_000).enumerated().map { $0.offset % 2 == 0 ? UInt8(0x12) : 0 }
    let limits = DecodingLimits(arenaBytes: 8 * 1024 * 1024)
    let error = #expect(throws: MessageDecodingError.self) {
      try CodecTest.Outer(serializedBytes: bytes, limits: limits)
    }
    #expect(error?.kind == .budgetExceeded)
    #expect(
      try CodecTest.Outer(serializedBytes: bytes, limits: DecodingLimits(arenaBytes: .max)).amounts.count == 1_000_000
    )
  }

  @Test func unknownFieldsByTheMillionExceedTheBudget() {
    let bytes = [UInt8](repeating: 0x48, count: 4_000_000)
    let error = #expect(throws: MessageDecodingError.self) { try CodecTest.Money(serializedBytes: bytes) }
    #expect(error?.kind == .budgetExceeded)
  }

  @Test func aTinyBudgetIsKept() throws {
    let error = #expect(throws: MessageDecodingError.self) {
      try CodecTest.Money(serializedBytes: [0x10, 5] as [UInt8], limits: DecodingLimits(arenaBytes: 16))
    }
    #expect(error?.kind == .budgetExceeded)
    // And does not outlive the call.
    #expect(try CodecTest.Money(serializedBytes: [0x10, 5] as [UInt8]).units == 5)
    #expect(try CodecTest.Money(serializedBytes: [0x10, 5] as [UInt8], limits: .init(arenaBytes: 256)).units == 5)
  }

  @Test func nothingOfACallOutlivesIt() throws {
    // Too large, and then too deep: each has its own reason.
    let tiny = DecodingLimits(arenaBytes: 16)
    #expect(throws: MessageDecodingError.self) {
      try CodecTest.Money(serializedBytes: [0x10, 5] as [UInt8], limits: tiny)
    }
    let error = #expect(throws: MessageDecodingError.self) { try CodecTest.Node(serializedBytes: nested(101)) }
    #expect(error?.kind == .tooDeep)
    #expect(throws: MessageDecodingError.self) { try CodecTest.Money(serializedBytes: [0x0A, 1, 0xFF] as [UInt8]) }
    let arena = Arena.acquire()
    defer { arena.release() }
    #expect(arena.isWithoutProblems)
    #expect(!arena.isNormalized)
    #expect(arena.used == 0)
  }

  @Test func anArenaInUseIsNotGivenTwice() throws {
    let outer = Arena.acquire()
    defer { outer.release() }
    let block = outer.allocate(8)
    block.storeBytes(of: 0x0123_4567_89AB_CDEF, as: UInt64.self)
    let inner = Arena.acquire()
    #expect(inner.state != outer.state)
    inner.allocate(8).storeBytes(of: 0, as: UInt64.self)
    inner.release()
    #expect(try CodecTest.Money(serializedBytes: [0x0A, 3, 0x43, 0x4E, 0x59] as [UInt8]).currencyCode == "CNY")
    #expect(block.load(as: UInt64.self) == 0x0123_4567_89AB_CDEF)
  }

  /// The format ends at 2 GiB; protobuf-c counts in 32 bits. Not a byte of it is looked at: reading here would trap.
  @Test func messagesOverTheFormatsLimitAreRefused() throws {
    let count = Int(Int32.max) + 1
    let pages = mmap(nil, count, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    try #require(pages != MAP_FAILED)
    defer { munmap(pages, count) }
    let error = #expect(throws: MessageDecodingError.self) {
      try CodecTest.Money(serializedBytes: UnsafeRawBufferPointer(start: pages, count: count))
    }
    #expect(error?.kind == .budgetExceeded)
  }

  @Test func malformedIsToldFromTooLarge() {
    let error = #expect(throws: MessageDecodingError.self) {
      try CodecTest.Money(serializedBytes: [0x10] as [UInt8])
    }
    #expect(error == MessageDecodingError(kind: .malformed, path: "units", byteOffset: 1))
  }
}

@Suite struct DecodingErrorTests {
  @Test func malformedFieldIsNamed() {
    // lists.amounts[1].units has no value; amounts[0] is well.
    let bytes: [UInt8] = [0x2A, 9, 0x8A, 0x01, 2, 0x10, 1, 0x8A, 0x01, 1, 0x10]
    let error = #expect(throws: MessageDecodingError.self) { try CodecTest.Outer(serializedBytes: bytes) }
    #expect(error == MessageDecodingError(kind: .malformed, path: "lists.amounts[1].units", byteOffset: 11))
    #expect(error?.description == "malformed message in field lists.amounts[1].units at byte 11")
  }

  @Test func brokenPackedListIsNamed() {
    // A varint and a double that the list ends within; lists.int32s, lists.doubles.
    let cases: [([UInt8], String, Int)] = [
      ([0x2A, 4, 0x1A, 2, 1, 0x80], "lists.int32s[0]", 5), ([0x2A, 5, 0x0A, 3, 1, 2, 3], "lists.doubles[0]", 4),
    ]
    for (bytes, path, offset) in cases {
      let error = #expect(throws: MessageDecodingError.self) { try CodecTest.Outer(serializedBytes: bytes) }
      #expect(error == MessageDecodingError(kind: .malformed, path: path, byteOffset: offset))
    }
  }

  @Test func textThatIsNotUTF8IsNamed() {
    let cases: [([UInt8], String, Int)] = [
      ([0x2A, 4, 0x72, 2, 0x61, 0xFF], "lists.strings[0]", 4),
      ([0x0A, 3, 0x0A, 1, 0x80], "amount.currency_code", 4),
      // A surrogate, an over-long form, and one past U+10FFFF.
      ([0x0A, 5, 0x0A, 3, 0xED, 0xA0, 0x80], "amount.currency_code", 4),
      ([0x0A, 4, 0x0A, 2, 0xC0, 0x80], "amount.currency_code", 4),
      ([0x0A, 6, 0x0A, 4, 0xF4, 0x90, 0x80, 0x80], "amount.currency_code", 4),
      ([0x32, 5, 0x0A, 3, 0x0A, 1, 0xFF], "maps.labels[0].key", 6),
    ]
    for (bytes, path, offset) in cases {
      let error = #expect(throws: MessageDecodingError.self) { try CodecTest.Outer(serializedBytes: bytes) }
      #expect(error == MessageDecodingError(kind: .invalidUTF8, path: path, byteOffset: offset))
    }
    let long = [UInt8](repeating: 0x61, count: 40) + [0xFE]
    let error = #expect(throws: MessageDecodingError.self) {
      try CodecTest.Money(serializedBytes: [0x0A, 41] + long)
    }
    #expect(error?.kind == .invalidUTF8)
    // Bytes may be anything.
    #expect(throws: Never.self) { try CodecTest.Scalars(serializedBytes: [0x7A, 1, 0xFF] as [UInt8]) }
  }

  @Test func aFailedMergeChangesNothing() {
    var money = CodecTest.Money(units: 5)
    #expect(throws: MessageDecodingError.self) { try money.merge(serializedBytes: [0x10, 6, 0x18]) }
    #expect(money == CodecTest.Money(units: 5))
  }
}

@Suite struct FirstDifferenceTests {
  private func outer(_ change: (inout CodecTest.Outer) -> Void) -> CodecTest.Outer {
    var outer = CodecTest.Outer(amount: .init(currencyCode: "CNY", units: 5), amounts: [.init(), .init(units: 1)])
    outer.lists = CodecTest.Lists(int32s: [1, 2], strings: ["a", "b"])
    outer.maps = CodecTest.Maps(labels: ["a": "b", "c": "d"], amounts: [1: .init(units: 1)])
    change(&outer)
    return outer
  }

  @Test func namesTheField() {
    let same = outer { _ in }
    #expect(same.firstDifference(from: outer { _ in }) == nil)
    let cases: [((inout CodecTest.Outer) -> Void, String)] = [
      ({ $0.amount?.units = 6 }, "amount.units"),
      ({ $0.amount?.units = 0 }, "amount.units"),
      ({ $0.amount = nil }, "amount"),
      ({ $0.amounts[1].nanos = 1 }, "amounts[1].nanos"),
      ({ $0.amounts.append(.init()) }, "amounts[2]"),
      ({ $0.lists?.int32s = [1, 3] }, "lists.int32s"),
      ({ $0.lists?.strings[1] = "c" }, "lists.strings[1]"),
      ({ $0.maps?.labels["c"] = "e" }, "maps.labels[\"c\"]"),
      ({ $0.maps?.labels["b"] = "e" }, "maps.labels[\"b\"]"),
      ({ $0.maps?.amounts[1]?.units = 2 }, "maps.amounts[1].units"),
      ({ $0.unknownFields = UnknownFields(bytes: [0x78, 1]) ?? UnknownFields() }, "unknown field 15"),
    ]
    for (change, path) in cases {
      #expect(outer(change).firstDifference(from: same) == path)
      #expect(same.firstDifference(from: outer(change)) == path)
    }
  }
}
