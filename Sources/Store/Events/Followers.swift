import RPC

/// The watchers of one loop that wait for the same events and have seen the same ones: an event costs one visit to
/// their loop, and there each gets its bytes.
final class Followers: @unchecked Sendable {
  let filter: EventFilter
  let loop: any CallLoop
  // The log's lock guards these two.
  /// The sequence number of the last event that all of them have seen or do not ask for.
  var position: Int64
  /// A visit to the loop is on its way, and lasts until they have seen all. A new group is visited at once.
  var isVisited = true
  /// Only touched on the loop.
  private(set) var members: [Follower] = []

  init(filter: EventFilter, loop: any CallLoop, position: Int64) {
    self.filter = filter
    self.loop = loop
    self.position = position
  }

  /// False when a visit is on its way already.
  func signal() -> Bool {
    defer { isVisited = true }
    return !isVisited
  }

  /// As `signal`, for an event: nothing between the position and it matched, or the visit would have been then.
  func signal(before sequence: Int64) -> Bool {
    if !isVisited { position = max(position, sequence - 1) }
    return signal()
  }

  func add(_ follower: Follower) {
    follower.index = members.count
    members.append(follower)
  }

  func remove(_ follower: Follower) {
    guard let last = members.popLast(), last !== follower else { return }
    last.index = follower.index
    members[follower.index] = last
  }

  func removeAll() -> [Follower] {
    defer { members = [] }
    return members
  }
}

/// A watch whose response is parked, as its group sees it. Only touched on the loop.
class Follower {
  fileprivate(set) final var index = 0

  /// Sends what the watcher may see. False when the watch goes on by itself.
  func deliver(_ events: [StoredEvent]) -> Bool { true }
  /// Goes on by itself after this position.
  func resume(after position: Int64) {}
}
