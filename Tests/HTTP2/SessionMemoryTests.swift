import CNghttp2
import TestSupport
import Testing

@testable import HTTP2

/// The memory that nghttp2 gets: every block is whole, its own, and aligned.
struct SessionMemoryTests {
  private struct Block {
    let start: UnsafeMutableRawPointer
    let size: Int
    let mark: UInt8

    var isWhole: Bool { UnsafeRawBufferPointer(start: start, count: size).allSatisfy { $0 == mark } }
    func fill() {
      UnsafeMutableRawBufferPointer(start: start, count: size).initializeMemory(as: UInt8.self, repeating: mark)
    }
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func blocksKeepWhatIsInThem(_ seed: UInt64) throws {
    let memory = SessionMemory()
    let functions = memory.functions
    var random = Seeded(seed)
    var blocks: [Block] = []
    for step in 0..<4_000 {
      let size = [0, 1, 31, 32, 33, 224, 1_023, 1_024, 1_025, 70_000].randomElement(using: &random) ?? 0
      let mark = UInt8(truncatingIfNeeded: step)
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        let given = functions.malloc(size, functions.mem_user_data)
        let start = try #require(given)
        blocks.append(Block(start: start, size: size, mark: mark))
      case 1:
        let given = functions.calloc(3, size / 3, functions.mem_user_data)
        let start = try #require(given)
        #expect(Block(start: start, size: size / 3 * 3, mark: 0).isWhole)
        blocks.append(Block(start: start, size: size / 3 * 3, mark: mark))
      case 2 where !blocks.isEmpty:
        let old = blocks.remove(at: Int.random(in: blocks.indices, using: &random))
        let given = functions.realloc(old.start, size, functions.mem_user_data)
        let start = try #require(given)
        #expect(Block(start: start, size: min(old.size, size), mark: old.mark).isWhole)
        blocks.append(Block(start: start, size: size, mark: mark))
      default:
        guard let block = blocks.popLast() else { continue }
        #expect(block.isWhole)
        functions.free(block.start, functions.mem_user_data)
        continue
      }
      let block = try #require(blocks.last)
      #expect(Int(bitPattern: block.start) % 16 == 0)
      block.fill()
    }
    for block in blocks {
      #expect(block.isWhole)
      functions.free(block.start, functions.mem_user_data)
    }
  }

  @Test func aFreedBlockIsGivenOutAgain() throws {
    let memory = SessionMemory()
    let functions = memory.functions
    let given = functions.malloc(200, functions.mem_user_data)
    let block = try #require(given)
    functions.free(block, functions.mem_user_data)
    let next = functions.malloc(220, functions.mem_user_data)
    #expect(next == block)
    functions.free(next, functions.mem_user_data)
  }

  @Test func whatDoesNotFitInMemoryIsRefused() {
    let memory = SessionMemory()
    let functions = memory.functions
    #expect(functions.calloc(.max, 2, functions.mem_user_data) == nil)
    #expect(functions.malloc(.max - 8, functions.mem_user_data) == nil)
    functions.free(nil, functions.mem_user_data)
  }
}
