import Dispatch
import Synchronization

/// A bounded queue between callers on any thread and one or more threads that sleep while it is empty.
final class WorkQueue<Job: Sendable>: Sendable {
  private struct State {
    var jobs: [Job] = []
    var sleeperCount = 0
    var isClosed = false
  }

  /// What became of a job that was offered.
  enum Admission {
    case accepted
    case full
    case closed
  }

  private let state = Mutex(State())
  private let wake = DispatchSemaphore(value: 0)
  private let capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
  }

  func offer(_ job: Job) -> Admission {
    let (admission, mustWake) = state.withLock { state -> (Admission, Bool) in
      if state.isClosed { return (.closed, false) }
      if state.jobs.count >= capacity { return (.full, false) }
      state.jobs.append(job)
      guard state.sleeperCount > 0 else { return (.accepted, false) }
      state.sleeperCount -= 1
      return (.accepted, true)
    }
    if mustWake { wake.signal() }
    return admission
  }

  /// How many jobs wait.
  var count: Int { state.withLock { $0.jobs.count } }

  /// Up to `limit` jobs, oldest first; sleeps while there are none. Nil once the queue is closed and empty.
  func take(limit: Int) -> [Job]? {
    while true {
      let taken = state.withLock { state -> [Job]? in
        if state.jobs.isEmpty {
          if state.isClosed { return nil }
          state.sleeperCount += 1
          return []
        }
        if state.jobs.count <= limit {
          var taken: [Job] = []
          swap(&taken, &state.jobs)
          return taken
        }
        let taken = Array(state.jobs.prefix(limit))
        state.jobs.removeFirst(limit)
        return taken
      }
      guard let taken else { return nil }
      if !taken.isEmpty { return taken }
      wake.wait()
    }
  }

  /// Refuses further jobs; the waiting ones are still handed out.
  func close() {
    let sleeperCount = state.withLock { state in
      state.isClosed = true
      defer { state.sleeperCount = 0 }
      return state.sleeperCount
    }
    for _ in 0..<sleeperCount { wake.signal() }
  }
}
