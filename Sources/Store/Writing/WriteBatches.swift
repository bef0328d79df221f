import Logging

/// What the writer's thread does with the jobs it took. Lives on that thread only.
struct WriteBatches {
  private let path: String
  private let limits: StoreLimits
  private let logger: Logger
  private let committed: @Sendable ([StoredEvent]) -> () -> Void
  private var connection: Connection?

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
    while !rest.isEmpty { rest = runBatch(rest) }
  }

  /// Runs jobs in one transaction and answers them. Returns those that it did not get to, because the transaction
  /// ended under an earlier one.
  private mutating func runBatch(_ jobs: ArraySlice<Writer.Job>) -> ArraySlice<Writer.Job> {
    let connection: Connection
    do {
      connection = try open()
      try connection.execute("BEGIN IMMEDIATE")
    } catch {
      fail(jobs, error)
      return []
    }
    let transaction = WriteTransaction(connection)
    var answers = Answers()
    for index in jobs.indices {
      do {
        answers.add(try run(jobs[index], transaction), for: jobs[index].loop)
      } catch {
        // The whole transaction is gone, and with it the work of everyone before.
        fail(jobs[...index], error)
        return jobs[(index + 1)...]
      }
    }
    do {
      try connection.execute("COMMIT")
    } catch {
      fail(jobs, error)
      return []
    }
    let wakeWatchers = transaction.events.isEmpty ? nil : committed(transaction.events)
    answers.deliver()
    wakeWatchers?()
    return []
  }

  /// Runs one job in its savepoint. Returns its answer, also when it failed alone: that failure, too, is only true
  /// once the transaction it was seen in is committed. Throws when the transaction itself is lost.
  private func run(_ job: Writer.Job, _ transaction: WriteTransaction) throws -> @Sendable () -> Void {
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
      let shown = limits.callerError(error)
      return { job.fail(shown) }
    }
  }

  private mutating func open() throws -> Connection {
    if let connection { return connection }
    let opened = try Connection(path: path, access: .readWrite, limits: limits)
    connection = opened
    return opened
  }

  /// Undoes the transaction and tells everyone in it. The connection starts afresh, so that whatever state the failure
  /// left in it ends here and the next batch finds out by itself whether the cause is gone.
  private mutating func fail(_ jobs: ArraySlice<Writer.Job>, _ error: any Error) {
    logger.error("a batch of writes was not stored", metadata: ["error": "\(error)", "jobs": "\(jobs.count)"])
    if let connection, connection.isInTransaction { _ = try? connection.execute("ROLLBACK") }
    if (error as? SQLError)?.kind != .busy { connection = nil }
    // Only SQLite's failures are everyone's; what one caller's work threw is not shown to the others.
    let shown = error is SQLError ? limits.callerError(error) : limits.unavailable("the database could not store this")
    var answers = Answers()
    for job in jobs { answers.add({ job.fail(shown) }, for: job.loop) }
    answers.deliver()
  }
}
