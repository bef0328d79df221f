import Testing

@testable import Protobuf

/// Text of every length around those that Swift keeps within a string, by words and the ordinary way.
@Suite struct ShortTextTests {
  private static let texts: [String] = (0...40).flatMap { count in
    let ascii = String((0..<count).map { Character(UnicodeScalar(UInt8(ascii: "a") + UInt8($0 % 26))) })
    return [ascii, String(ascii.dropLast(2)) + "é", String(ascii.dropLast(3)) + "票", "\0" + ascii.dropFirst()]
  }

  @Test func thisVersionOfSwiftKeepsItAsKnown() { #expect(ShortText.isKnown) }

  @Test(arguments: [true, false])
  func itIsStoredAndRead(byWords: Bool) {
    let arena = Arena.acquire()
    let isKnown = arena.state.pointee.knowsShortText
    arena.state.pointee.knowsShortText = byWords && isKnown
    defer {
      arena.state.pointee.knowsShortText = isKnown
      arena.release()
    }
    for text in Self.texts {
      let stored = arena.store(text)
      #expect(Array(UnsafeBufferPointer(start: stored.data, count: stored.len)) == Array(text.utf8))
      let read = arena.string(stored)
      #expect(read == text && read.hashValue == text.hashValue && read.utf8.count == text.utf8.count)
      // As any other string it can be added to.
      #expect(read + "." + read == text + "." + text)
    }
    #expect(arena.isWithoutProblems)
  }

  @Test func shortBytesThatAreNotTextAreAProblem() {
    for count in 1...15 {
      let arena = Arena.acquire()
      defer { arena.release() }
      var stored = arena.store([UInt8](repeating: UInt8(ascii: "a"), count: count - 1) + [0xFF])
      #expect(arena.string(stored).isEmpty)
      #expect(!arena.isWithoutProblems)
      // What lies in the block behind the text does not matter.
      stored.len -= 1
      #expect(arena.string(stored) == String(repeating: "a", count: count - 1))
    }
  }
}
