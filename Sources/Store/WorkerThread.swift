import Dispatch
import Foundation

/// A thread of our own that can be waited for.
struct WorkerThread: Sendable {
  private let ended = DispatchSemaphore(value: 0)

  init(name: String, _ body: @escaping @Sendable () -> Void) {
    let ended = ended
    let thread = Thread {
      // Set here, it is also the name that the system shows.
      Thread.current.name = name
      body()
      ended.signal()
    }
    thread.start()
  }

  /// Waits until the body has returned; once only.
  func join() {
    ended.wait()
  }
}
