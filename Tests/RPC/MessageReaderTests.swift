import Testing

@testable import RPC

struct MessageReaderTests {
  private func read(_ chunks: [[UInt8]], limit: Int = 100) throws -> [[UInt8]] {
    var reader = MessageReader(maxMessageBytes: limit)
    var messages: [[UInt8]] = []
    for chunk in chunks {
      try chunk.withUnsafeBytes { bytes in
        var offset = 0
        while offset < bytes.count {
          guard try reader.read(bytes, &offset) else { break }
          messages.append(reader.take())
        }
      }
    }
    return messages
  }

  private let two: [UInt8] = [0, 0, 0, 0, 2, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9]

  @Test func severalAtOnce() throws {
    #expect(try read([two]) == [[7, 8], [], [9]])
  }

  @Test(arguments: 1...17)
  func cutAnywhere(_ cut: Int) throws {
    #expect(try read([Array(two[..<cut]), Array(two[cut...])]) == [[7, 8], [], [9]])
  }

  @Test func byteByByte() throws {
    #expect(try read(two.map { [$0] }) == [[7, 8], [], [9]])
  }

  @Test func tooLargeIsDecidedOnThePrefix() {
    let error = #expect(throws: RPCError.self) { try read([[0, 0xff, 0xff, 0xff, 0xff]]) }
    #expect(error?.code == .resourceExhausted)
  }

  @Test func limitIsInclusive() throws {
    #expect(try read([[0, 0, 0, 0, 3, 1, 2, 3]], limit: 3) == [[1, 2, 3]])
    #expect(throws: RPCError.self) { try read([[0, 0, 0, 0, 4, 1, 2, 3, 4]], limit: 3) }
  }

  @Test func unknownFlag() {
    let error = #expect(throws: RPCError.self) { try read([[2, 0, 0, 0, 0]]) }
    #expect(error?.code == .internal)
  }

  @Test func knowsWhetherItIsWithinAMessage() throws {
    var reader = MessageReader(maxMessageBytes: 10)
    #expect(!reader.isWithinMessage)
    let part: [UInt8] = [0, 0, 0, 0, 2, 1]
    let rest: [UInt8] = [2]
    try part.withUnsafeBytes { bytes in
      var offset = 0
      let isComplete = try reader.read(bytes, &offset)
      #expect(!isComplete)
    }
    #expect(reader.isWithinMessage)
    try rest.withUnsafeBytes { bytes in
      var offset = 0
      let isComplete = try reader.read(bytes, &offset)
      #expect(isComplete)
    }
    #expect(!reader.isWithinMessage)
  }
}
