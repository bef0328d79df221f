/// Runs the handlers of a loop's calls. Belongs to that loop.
///
/// Handlers that become ready within a turn of the loop run at its end, one after another, in a task that is kept from
/// turn to turn: a call whose handler does not wait costs no task of its own. A handler that waits keeps the task until
/// it ends, and those behind it go on in another.
///
/// Connections take turns, and the loop goes back to its sockets when handlers have run for as long as they may at a
/// time: what is ready then goes on afterward.
public final class HandlerRunner: @unchecked Sendable {
  /// Tasks that are kept while no handler needs them.
  private static let maxIdleWorkers = 64

  fileprivate unowned let loop: any CallLoop
  /// How long handlers may run before the loop looks after its sockets, in nanoseconds.
  private let turnNanoseconds: UInt64
  private var turnEnd: UInt64 = 0
  // No change of one comes back to it: the checks for that are left out of the hot path.
  @exclusivity(unchecked) private var ready = HandlerRound()
  /// Calls that have waited for their turn before, for a place among the costly handlers.
  @exclusivity(unchecked) private var first = Queue<Call>()
  @exclusivity(unchecked) private var idle: [HandlerWorker] = []
  private var isTurnOpen = false
  private var isScheduled = false
  /// True while a worker is woken, whose job then runs at once instead of in the loop's queue.
  private var isWaking = false
  private var woken: UnownedJob?

  /// The loop owns its runner. Handlers run for `turnNanoseconds` before the loop looks after its sockets, or for a
  /// little longer: one that runs is not interrupted.
  public init(loop: any CallLoop, turnNanoseconds: UInt64 = .max) {
    self.loop = loop
    self.turnNanoseconds = turnNanoseconds
  }

  /// What becomes ready from here on waits for `endTurn`.
  public func beginTurn() { isTurnOpen = true }

  /// Runs all that became ready in the turn.
  public func endTurn() {
    isTurnOpen = false
    runReady()
  }

  /// For the loop's `enqueue`, on the loop: whether the runner takes care of the job itself.
  public func takes(_ job: UnownedJob) -> Bool {
    guard isWaking, woken == nil else { return false }
    woken = job
    return true
  }

  /// The handler of this call can run, when it is its connection's turn.
  func add(_ call: Call) {
    ready.append(call, to: call.connection.lane)
    schedule()
  }

  /// The handler of this call runs next.
  func addFirst(_ call: Call) {
    first.append(call)
    schedule()
  }

  /// The handlers of a connection whose lane was blocked run again.
  package func unblock(_ lane: HandlerLane) {
    ready.unblock(lane)
    schedule()
  }

  private func schedule() {
    guard !isTurnOpen, !isScheduled else { return }
    isScheduled = true
    loop.execute { self.runScheduled() }
  }

  private func runScheduled() {
    isScheduled = false
    runReady()
  }

  /// The next call whose handler runs now; nil when there is none, or when the loop has others to look after first.
  fileprivate func next() -> Call? {
    guard Deadline.coarseNanoseconds() < turnEnd else { return nil }
    return first.popFirst() ?? ready.next()
  }

  /// Whether the worker may wait for the next turn.
  fileprivate func keeps(_ worker: HandlerWorker) -> Bool {
    guard idle.count < HandlerRunner.maxIdleWorkers else { return false }
    idle.append(worker)
    return true
  }

  private func runReady() {
    turnEnd = Deadline.coarseNanoseconds().addingClamped(turnNanoseconds)
    while !ready.isEmpty || !first.isEmpty {
      guard Deadline.coarseNanoseconds() < turnEnd else { return runLater() }
      if let worker = idle.popLast() {
        isWaking = true
        worker.wake()
        isWaking = false
        if let job = woken {
          woken = nil
          job.runSynchronously(on: loop.asUnownedTaskExecutor())
        }
        worker.adopt()
      } else {
        HandlerWorker(runner: self).start()
      }
    }
  }

  private func runLater() {
    guard !isScheduled else { return }
    isScheduled = true
    loop.yield { self.runScheduled() }
  }
}

/// A task that runs one handler after another.
private final class HandlerWorker: @unchecked Sendable {
  private let runner: HandlerRunner
  private var task: Task<Void, Never>?
  private var parked: UnsafeContinuation<Void, Never>?
  /// The call whose handler runs or waits.
  private var current: Call?

  init(runner: HandlerRunner) { self.runner = runner }

  func start() {
    task = Task.immediate(executorPreference: runner.loop) { await self.run() }
    adopt()
  }

  /// Goes on where `run` waits for a turn.
  func wake() {
    let parked = parked
    self.parked = nil
    parked?.resume()
  }

  /// Gives the call whose handler waits now the task to cancel.
  func adopt() {
    if let current, let task { current.handlerWaits(in: task) }
  }

  /// Not where the caller is: the task prefers the loop, and that is known without looking at every step.
  @concurrent private func run() async {
    repeat {
      while let call = runner.next() {
        guard call.beginTurn() else { continue }
        current = call
        do {
          // A call without a deadline has none to hand on.
          if let deadline = call.deadline {
            try await Deadline.$ofHandledCall.withValue(deadline) { try await handle(call) }
          } else if call.runsItsHandlerHere {
            // As `handle` would: an async function less for most calls.
            try await call.endpoint.handle(call)
          } else {
            try await handle(call)
          }
          call.handlerDidEnd(nil)
        } catch {
          call.handlerDidEnd(error)
        }
        current = nil
        // A task that was cancelled for one call is of no use to another.
        if call.wasInterrupted { return }
      }
      guard runner.keeps(self) else { return }
      await withUnsafeContinuation { parked = $0 }
    } while true
  }

  private func handle(_ call: Call) async throws {
    if let resumption = call.takeResumption() {
      try await resumption(call)
    } else if call.isCostly {
      try await handleAside(call)
    } else {
      try await call.endpoint.handle(call)
    }
  }

  /// Among the costly handlers. By itself, so that others need no room for it.
  @inline(never) private func handleAside(_ call: Call) async throws {
    try await withTaskExecutorPreference(call.connection.context.costlyHandlers) {
      try await call.endpoint.handle(call)
    }
  }
}
