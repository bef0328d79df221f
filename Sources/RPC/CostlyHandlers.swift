import Dispatch
import Synchronization

/// Runs the handlers of costly methods on threads of their own, up to a limit at a time. The connections whose calls wait
/// for a place take turns.
final class CostlyHandlers: TaskExecutor {
  private struct State {
    var runningCount = 0
    var waiting = HandlerRound()
  }

  private let maxRunning: Int
  private let threads = DispatchQueue(label: "millrace.costly", attributes: .concurrent)
  private let state = Mutex(State())

  init(maxRunning: Int) { self.maxRunning = max(1, maxRunning) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    threads.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }

  /// Takes a place for a call. False when there is none: the call then gets the next one that is its connection's turn,
  /// and hears so by `Call.takeCostlyPlace` on its loop.
  func enter(_ call: Call) -> Bool {
    state.withLock { state in
      guard state.runningCount >= maxRunning else {
        state.runningCount += 1
        return true
      }
      state.waiting.append(call, to: call.connection.costlyLane)
      return false
    }
  }

  /// A call that waits for a place does not want one any more.
  func withdraw(_ call: Call) {
    state.withLock { _ in call.connection.costlyLane.remove(call) }
  }

  /// Gives a place back, to the next who waits for one.
  func leave() {
    let next = state.withLock { state -> Call? in
      if let next = state.waiting.next() { return next }
      state.runningCount -= 1
      return nil
    }
    guard let next else { return }
    next.loop.execute { next.takeCostlyPlace() }
  }
}
