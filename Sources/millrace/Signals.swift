import Foundation

/// The signals that end the service or have it read its certificates again, from the moment that this is made.
///
/// A handler writes each to a pipe: a signal source of Dispatch can lose one that comes while the process starts.
struct Signals {
  /// The pipe's end for writing, for the handler, which can capture nothing.
  nonisolated(unsafe) private static var output: Int32 = -1

  /// The signals as they come.
  let numbers: AsyncStream<Int32>

  /// - Parameter numbers: The signals to catch. Only one of these may be made in a process.
  init(_ numbers: [Int32]) {
    let pipe = Pipe()
    Self.output = pipe.fileHandleForWriting.fileDescriptor
    let (stream, continuation) = AsyncStream<Int32>.makeStream()
    let input = pipe.fileHandleForReading
    Thread.detachNewThread {
      withExtendedLifetime(pipe) {
        while let byte = input.readData(ofLength: 1).first { continuation.yield(Int32(byte)) }
      }
    }
    for number in numbers {
      signal(number) { number in
        let before = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(Signals.output, &byte, 1)
        errno = before
      }
    }
    self.numbers = stream
  }
}
