import Logging

/// What the writer's thread does with the jobs it took. Lives on that thread only.
struct WriteBatches {
  private let path: String
  private let limits: StoreLimits
  private let logger: Logger
  private let committed: @Sendable ([StoredEvent]) -> () -> Void
  private var opened: (connection: Connection, requests: RequestIndex)?

  init(
    path: String, limits: StoreLimits, logger: Logger,
    committed: @escaping @Sendable ([StoredEvent]) -> () -> Void
  ) {
    self.path = path
    self.limits = limits
    self.logger = logger
    self.committed = committed
  }

  mutating func run(_ jobs: [Writer.Job]) {
    var rest = jobs[...]
    while !rest.isEmpty { rest = runBatch(rest, .none) }
  }

  /// How a job that fails is kept from taking others with it.
  private enum Protection {
    /// Not at all, as long as jobs that fail have changed nothing: a savepoint costs a copy of every page it touches.
    case none
    /// By a savepoint around each.
    case savepoints
  }

  /// A job without a savepoint failed after it had changed something.
  private struct ChangesLeft: Error {}

  /// Runs jobs in one transaction and answers them. Returns those that it did not get to, because the transaction
  /// ended under an earlier one.
  private mutating func runBatch(
    _ jobs: ArraySlice<Writer.Job>, _ protection: Protection
  ) -> ArraySlice<Writer.Job> {
    let transaction: WriteTransaction
    do {
      let (connection, requests) = try open()
      try connection.execute("BEGIN IMMEDIATE")
      transaction = WriteTransaction(connection, requests)
    } catch {
      fail(jobs, error)
      return []
    }
    var answers = Answers()
    for index in jobs.indices {
      let job = jobs[index]
      do {
        let isProtected = job.isUndone || protection == .savepoints
        answers.add(try isProtected ? runInSavepoint(job, transaction) : run(job, transaction), for: job.loop)
      } catch is ChangesLeft {
        do {
          try transaction.connection.execute("ROLLBACK")
        } catch {
          fail(jobs, error)
          return []
        }
        return runBatch(jobs, .savepoints)
      } catch {
        // The whole transaction is gone, and with it the work of everyone before.
        fail(jobs[...index], error)
        return jobs[(index + 1)...]
      }
    }
    do {
      try transaction.commit()
    } catch {
      fail(jobs, error)
      return []
    }
    let wakeWatchers = transaction.events.isEmpty ? nil : committed(transaction.events)
    answers.deliver()
    wakeWatchers?()
    return []
  }

  /// Runs one job. Returns its answer, also when it failed alone: that failure, too, is only true once the transaction it
  /// was seen in is committed. Throws `ChangesLeft`, or another error when the transaction itself is lost.
  private func run(_ job: Writer.Job, _ transaction: WriteTransaction) throws -> Answers.Answer {
    let mark = transaction.mark
    let changeCount = transaction.connection.changeCount
    do {
      return try job.run(transaction)
    } catch {
      guard transaction.connection.isInTransaction else { throw error }
      guard transaction.connection.changeCount == changeCount else { throw ChangesLeft() }
      transaction.restore(mark)
      return failure(of: job, error)
    }
  }

  /// The same in a savepoint, which undoes what a job did before it failed. Throws only when the transaction is lost.
  private func runInSavepoint(_ job: Writer.Job, _ transaction: WriteTransaction) throws -> Answers.Answer {
    let connection = transaction.connection
    let mark = transaction.mark
    try connection.execute("SAVEPOINT piece")
    do {
      let answer = try job.run(transaction)
      try connection.execute("RELEASE piece")
      return answer
    } catch {
      guard connection.isInTransaction else { throw error }
      try connection.execute("ROLLBACK TO piece")
      try connection.execute("RELEASE piece")
      transaction.restore(mark)
      return failure(of: job, error)
    }
  }

  private func failure(of job: Writer.Job, _ error: any Error) -> Answers.Answer {
    let shown = limits.callerError(error)
    return { job.fail(shown) }
  }

  private mutating func open() throws -> (Connection, RequestIndex) {
    if let opened { return opened }
    let connection = try Connection(path: path, access: .readWrite, limits: limits)
    let requests = try RequestIndex(limit: limits.unindexedRequestCount, connection)
    opened = (connection, requests)
    return (connection, requests)
  }

  /// Undoes the transaction and tells everyone in it. The connection starts afresh, so that whatever state the failure
  /// left in it ends here and the next batch finds out by itself whether the cause is gone.
  private mutating func fail(_ jobs: ArraySlice<Writer.Job>, _ error: any Error) {
    logger.error("a batch of writes was not stored", metadata: ["error": "\(error)", "jobs": "\(jobs.count)"])
    if let connection = opened?.connection, connection.isInTransaction { _ = try? connection.execute("ROLLBACK") }
    if (error as? SQLError)?.kind != .busy { opened = nil }
    // Only SQLite's failures are everyone's; what one caller's work threw is not shown to the others.
    let shown = error is SQLError ? limits.callerError(error) : limits.unavailable("the database could not store this")
    var answers = Answers()
    for job in jobs { answers.add({ job.fail(shown) }, for: job.loop) }
    answers.deliver()
  }
}
