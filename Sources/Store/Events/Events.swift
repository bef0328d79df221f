/// The events that a watcher asked for, from its position on, without end.
public struct Events: AsyncSequence, Sendable {
  public typealias Element = StoredEvent

  let log: EventLog
  let filter: EventFilter
  let position: Int64

  public func makeAsyncIterator() -> Iterator {
    Iterator(log: log, filter: filter, position: position, watcher: log.newWatcher())
  }

  /// Hands out one event at a time and fetches the next ones as they are used up: a slow consumer holds one batch.
  public struct Iterator: AsyncIteratorProtocol {
    let log: EventLog
    let filter: EventFilter
    var position: Int64
    let watcher: Int64
    private var batch: [StoredEvent] = []
    private var used = 0

    init(log: EventLog, filter: EventFilter, position: Int64, watcher: Int64) {
      self.log = log
      self.filter = filter
      self.position = position
      self.watcher = watcher
    }

    /// The next event; nil once the task is cancelled or the store closed.
    public mutating func next() async throws -> StoredEvent? {
      while used == batch.count {
        guard !Task.isCancelled else { return nil }
        switch await log.next(filter, after: position, watcher: watcher) {
        case .ended: return nil
        case .events(let events, let reached):
          (batch, used, position) = (events, 0, reached)
        case .behind(let through):
          batch = try await log.replay(filter, after: position, through: through)
          (used, position) = (0, through)
        }
      }
      guard !Task.isCancelled else { return nil }
      defer { used += 1 }
      return batch[used]
    }
  }
}
