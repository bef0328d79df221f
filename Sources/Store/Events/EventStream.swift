import Protobuf
import RPC

extension EventLog {
  /// Sends events as messages of a response, as they were encoded when they happened: first those in the table, then
  /// the live ones, without gap or repetition. The handler returns right after; the response goes on until the call
  /// or the store ends, and fails with UNAVAILABLE when the table cannot be read. The client knows by the response's
  /// headers that it misses nothing from then on.
  ///
  /// - Parameter after: The sequence number of the last event already seen, 0 for everything from the start, nil for
  ///   only what is committed from now on. See `ResumeToken` for what a client hands back.
  /// - Parameter allows: Whether the watcher may see an event; on the call's loop.
  public func stream<M>(
    _ filter: EventFilter, after: Int64?, to response: ResponseStream<M>,
    where allows: @escaping (StoredEvent) throws -> Bool
  ) async throws {
    let watch = EventStream(log: self, filter: filter, response: response, allows: allows)
    let position = after ?? head
    guard response.loop.isCurrent else {
      return try await withTaskExecutorPreference(response.loop) { try await watch.start(after: position) }
    }
    try await watch.start(after: position)
  }

  /// Gives the events that are new to all in a group. On its loop.
  func visit(_ followers: Followers) {
    _ = advance(followers)
    removeIfEmpty(followers)
  }

  /// As `visit`; false when the group could not be brought up to date, and everybody goes on by itself.
  fileprivate func advance(_ followers: Followers) -> Bool {
    while let step = step(followers) {
      guard case .events(let events, _) = step else {
        // Behind, or at the end: each finds out by itself.
        let position = position(of: followers)
        for follower in followers.removeAll() { follower.resume(after: position) }
        return false
      }
      // From the last on, since one that leaves is replaced by the last.
      for follower in followers.members.reversed() where !follower.deliver(events) { followers.remove(follower) }
    }
    return true
  }
}

/// One watch. It catches up in a task, and is parked while it has nothing to catch up with.
private final class EventStream<M: Message>: Follower, ResponseKeeper, @unchecked Sendable {
  private let log: EventLog
  private let filter: EventFilter
  private let response: ResponseStream<M>
  private let allows: (StoredEvent) throws -> Bool
  private var followers: Followers?

  init(log: EventLog, filter: EventFilter, response: ResponseStream<M>, allows: @escaping (StoredEvent) throws -> Bool)
  {
    self.log = log
    self.filter = filter
    self.response = response
    self.allows = allows
  }

  func start(after position: Int64) async throws {
    try await response.sendHeaders()
    try await catchUp(after: position)
  }

  private func catchUp(after start: Int64) async throws {
    var position = start
    while !Task.isCancelled {
      switch log.step(filter, &position) {
      case .events(let events, let reached):
        try await send(events)
        position = reached
      case .behind(let through):
        try await send(log.replay(filter, after: position, through: through))
        position = through
      case .ended: return
      case nil: if park(at: position) { return }
      }
    }
  }

  private func send(_ events: [StoredEvent]) async throws {
    for event in events where try allows(event) {
      try await response.send(encoded: EncodedMessage(serializedBytes: event.payload))
    }
  }

  /// Joins the others that have seen all up to `position`. False when there is more by now.
  private func park(at position: Int64) -> Bool {
    let followers = log.followers(filter, on: response.loop, at: position)
    // What comes from here on is announced to the group; what came before, its members get now.
    guard log.advance(followers), log.position(of: followers) == position else {
      log.removeIfEmpty(followers)
      return false
    }
    followers.add(self)
    self.followers = followers
    response.park(with: self)
    return true
  }

  override func deliver(_ events: [StoredEvent]) -> Bool {
    do {
      for event in events where try allows(event) {
        guard try response.offer(encoded: EncodedMessage(serializedBytes: event.payload)) else {
          resume(after: event.sequence)
          return false
        }
      }
      return true
    } catch {
      followers = nil
      response.resume { throw error }
      return false
    }
  }

  override func resume(after position: Int64) {
    followers = nil
    response.resume { try await self.catchUp(after: position) }
  }

  func callDidEnd() {
    guard let followers else { return }
    self.followers = nil
    followers.remove(self)
    log.removeIfEmpty(followers)
  }
}
