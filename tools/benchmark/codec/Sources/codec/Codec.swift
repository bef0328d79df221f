import MillraceWork
import SwiftProtobufWork

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Times both libraries on the message in a file, in turns: `codec FILE`. Prints nanoseconds a message as JSON,
/// `{"decode": {"millrace": …, "SwiftProtobuf": …}, …}`.
@main
struct Codec {
  /// Both libraries run in turns of so many messages, so that whatever else the machine does hits both.
  static let messagesPerTurn = 500
  static let turns = 51

  static func main() throws {
    guard CommandLine.arguments.count == 2, let bytes = contents(of: CommandLine.arguments[1]) else {
      print("usage: codec FILE, which holds a bench.Application")
      exit(2)
    }
    let ours = try MillraceWork(bytes: bytes)
    let theirs = try SwiftProtobufWork(bytes: bytes)
    let works: [(name: String, ours: (Int) throws -> Int, theirs: (Int) throws -> Int)] = [
      ("decode", ours.decode, theirs.decode),
      ("encode", ours.encode, theirs.encode),
      ("decode + read", ours.decodeAndRead, theirs.decodeAndRead),
      ("build + encode", ours.buildAndEncode, theirs.buildAndEncode),
      ("to JSON", ours.toJSON, theirs.toJSON),
      ("from JSON", ours.fromJSON, theirs.fromJSON),
    ]
    var results: [String] = []
    for work in works {
      // Both must have seen the same: the sums are over what was decoded, read or written.
      guard try work.ours(1) == work.theirs(1) else {
        print("codec: \(work.name): the two libraries do not agree")
        exit(1)
      }
      var ourTimes: [Double] = []
      var theirTimes: [Double] = []
      for _ in 0..<turns {
        ourTimes.append(try nanoseconds(work.ours))
        theirTimes.append(try nanoseconds(work.theirs))
      }
      results.append(
        "\"\(work.name)\": {\"millrace\": \(median(ourTimes)), \"SwiftProtobuf\": \(median(theirTimes))}"
      )
    }
    print("{\(results.joined(separator: ", "))}")
  }

  static func nanoseconds(_ work: (Int) throws -> Int) throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    let sum = try work(messagesPerTurn)
    let duration = (clock.now - start).components
    precondition(sum != 0, "the work is not optimized away")
    return (Double(duration.seconds) * 1e9 + Double(duration.attoseconds) / 1e9) / Double(messagesPerTurn)
  }

  static func median(_ values: [Double]) -> Double {
    values.sorted()[values.count / 2]
  }

  static func contents(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 64 * 1024)
    let count = fread(&bytes, 1, bytes.count, file)
    return count == 0 ? nil : Array(bytes[..<count])
  }
}
