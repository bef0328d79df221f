import RPC
import Synchronization

/// Threads for reads that take long: scans, reports, replays of events. An event loop never runs them.
final class ScanPool: Sendable {
  private let queue: WorkQueue<@Sendable () -> Void>
  private let threads: [WorkerThread]
  private let snapshots: Snapshots
  private let limits: StoreLimits
  private let isClosed = Mutex(false)

  init(snapshots: Snapshots, limits: StoreLimits) {
    let queue = WorkQueue<@Sendable () -> Void>(capacity: limits.scanQueueCount)
    self.queue = queue
    self.snapshots = snapshots
    self.limits = limits
    threads = (0..<max(1, limits.scanThreadCount)).map { index in
      WorkerThread(name: "store-scan-\(index)") {
        while let jobs = queue.take(limit: 1) { for job in jobs { job() } }
      }
    }
  }

  /// Runs `body` in one snapshot on one of the threads.
  ///
  /// - Throws: what `body` throws; RESOURCE_EXHAUSTED when too much waits; UNAVAILABLE when the file cannot be read.
  func scan<Value: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
    try Task.checkCancellation()
    return try await withCheckedThrowingContinuation { continuation in
      let admission = queue.offer { [snapshots] in
        continuation.resume(with: Result { try snapshots.read(body) })
      }
      switch admission {
      case .accepted: break
      case .full: continuation.resume(throwing: limits.refusal(isClosed: false, "readers"))
      case .closed: continuation.resume(throwing: limits.refusal(isClosed: true, "readers"))
      }
    }
  }

  /// Finishes what waits and ends the threads.
  func close() {
    let isFirst = isClosed.withLock { isClosed in
      defer { isClosed = true }
      return !isClosed
    }
    guard isFirst else { return }
    queue.close()
    for thread in threads { thread.join() }
  }
}
