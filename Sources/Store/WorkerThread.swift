import Dispatch
import Foundation

/// A thread of our own that can be waited for.
struct WorkerThread: Sendable {
  private let ended = DispatchSemaphore(value: 0)

  init(name: String, _ body: @escaping @Sendable () -> Void) {
    let ended = ended
    let thread = Thread {
      body()
      ended.signal()
    }
    thread.name = name
    thread.start()
  }

  /// Waits until the body has returned; once only.
  func join() {
    ended.wait()
  }
}
