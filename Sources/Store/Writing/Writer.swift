import Logging
import RPC
import Synchronization

/// The one writer: a thread that takes what waits, runs it in one transaction, commits once, and only then answers.
/// Concurrent calls so share the disk's flush, and a failing one rolls back alone.
final class Writer: Sendable {
  /// A piece of work. `run` returns what to call once its transaction is durable. It may run again, after what it did
  /// was undone, when another in its transaction fails.
  struct Job: Sendable {
    /// Whether it always fails in the end, so that nothing of it remains.
    let isUndone: Bool
    /// Where its caller waits.
    let loop: (any CallLoop)?
    let run: @Sendable (WriteTransaction) throws -> @Sendable () -> Void
    let fail: @Sendable (any Error) -> Void
  }

  private let queue: WorkQueue<Job>
  private let limits: StoreLimits
  private let thread: WorkerThread
  private let isClosed = Mutex(false)

  /// Starts the thread; `committed` gets the events of each commit before its callers are answered, and returns what
  /// to do after them.
  init(
    path: String, limits: StoreLimits, logger: Logger,
    committed: @escaping @Sendable ([StoredEvent]) -> () -> Void
  ) {
    let queue = WorkQueue<Job>(capacity: limits.writerQueueCount)
    self.queue = queue
    self.limits = limits
    thread = WorkerThread(name: "store-writer") {
      var batches = WriteBatches(path: path, limits: limits, logger: logger, committed: committed)
      while let jobs = queue.take(limit: limits.writerBatchCount) { batches.run(jobs) }
    }
  }

  /// Runs `body` on the writer's thread, again if need be. Returns when its effect is durable.
  ///
  /// - Parameters:
  ///   - loop: Where the caller waits, if that is known: those of a loop are answered together.
  ///   - isUndone: Whether `body` always throws in the end.
  /// - Throws: what `body` throws; RESOURCE_EXHAUSTED when too much waits; UNAVAILABLE when it could not be stored.
  func perform<Value: Sendable>(
    for loop: (any CallLoop)? = nil, isUndone: Bool = false,
    _ body: @escaping @Sendable (WriteTransaction) throws -> Value
  ) async throws -> Value {
    try Task.checkCancellation()
    return try await withCheckedThrowingContinuation { continuation in
      let job = Job(
        isUndone: isUndone, loop: loop,
        run: { transaction in
          let value = try body(transaction)
          return { continuation.resume(returning: value) }
        },
        fail: { continuation.resume(throwing: $0) })
      switch queue.offer(job) {
      case .accepted: break
      case .full: job.fail(limits.refusal(isClosed: false, "writer"))
      case .closed: job.fail(limits.refusal(isClosed: true, "writer"))
      }
    }
  }

  /// Finishes what waits and ends the thread.
  func close() {
    let isFirst = isClosed.withLock { isClosed in
      defer { isClosed = true }
      return !isClosed
    }
    guard isFirst else { return }
    queue.close()
    thread.join()
  }
}
