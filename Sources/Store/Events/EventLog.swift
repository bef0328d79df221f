import RPC
import Synchronization

/// Committed events, to be watched: first those in the table, then the live ones, without gap or repetition.
///
/// A watch holds only its position. It reads from the ring of latest events, from the table where it fell behind the
/// ring, and then follows: it costs a commit nothing until that brings an event that its filter asks for. See
/// `EventStream.swift` for the watches themselves.
public final class EventLog: Sendable {
  /// What a watcher gets when it asks for more.
  enum Step {
    /// Events, and the position after them; both from the ring.
    case events([StoredEvent], position: Int64)
    /// The ring no longer holds what follows the position: read the table up to here.
    case behind(through: Int64)
    /// The log is closed.
    case ended
  }

  private struct State {
    var ring: EventRing
    var followers: [EventFilter: [ObjectIdentifier: Followers]] = [:]
    var isClosed = false
  }

  private let state: Mutex<State>
  private let scans: ScanPool
  private let limits: StoreLimits

  init(head: Int64, scans: ScanPool, limits: StoreLimits) {
    state = Mutex(State(ring: EventRing(count: limits.eventRingCount, bytes: limits.eventRingBytes, head: head)))
    self.scans = scans
    self.limits = limits
  }

  /// The sequence number of the last committed event.
  public var head: Int64 { state.withLock { $0.ring.head } }

  /// Takes in the events of a commit. Returns what tells those who follow them, to be called after the callers are
  /// answered.
  func publish(_ events: [StoredEvent]) -> () -> Void {
    let signaled = state.withLock { state in
      var signaled: [Followers] = []
      for event in events {
        let hasGap = event.sequence != state.ring.head + 1
        state.ring.append(event)
        if state.followers.isEmpty { continue }
        if hasGap {
          // Nobody knows what the missing ones were: everyone looks for himself.
          for followers in state.followers.values { signaled += followers.values.filter { $0.signal() } }
          continue
        }
        for filter in EventFilter.satisfied(by: event) {
          guard let followers = state.followers[filter]?.values else { continue }
          signaled += followers.filter { $0.signal(before: event.sequence) }
        }
      }
      return signaled
    }
    return { for followers in signaled { followers.loop.execute { self.visit(followers) } } }
  }

  /// Ends all watches.
  func close() {
    let followers = state.withLock { state in
      state.isClosed = true
      return state.followers.values.flatMap(\.values)
    }
    for group in followers { group.loop.execute { self.visit(group) } }
  }

  /// A page of the table, read on one of the scanning threads.
  func replay(_ filter: EventFilter, after position: Int64, through last: Int64) async throws -> [StoredEvent] {
    try await scans.scan { connection in
      try EventTable.page(filter, after: position, through: last, connection)
    }
  }

  /// Matching events in the ring; nil when there are none, and then `position` is the head.
  private func step(_ state: inout State, _ filter: EventFilter, _ position: inout Int64) -> Step? {
    if state.isClosed { return .ended }
    let head = state.ring.head
    if position + 1 < state.ring.oldest {
      return .behind(through: min(position + limits.replayPageCount, head))
    }
    var matching: [StoredEvent] = []
    while position < head, matching.count < limits.watchBatchCount {
      position += 1
      if let event = state.ring[position], filter.matches(event) { matching.append(event) }
    }
    return matching.isEmpty ? nil : .events(matching, position: position)
  }

  /// Matching events in the ring, or why there are none; nil and the head as position when all have been read.
  func step(_ filter: EventFilter, _ position: inout Int64) -> Step? {
    state.withLock { step(&$0, filter, &position) }
  }

  /// The group of a loop's watchers with this filter; a new one begins at `position`.
  func followers(_ filter: EventFilter, on loop: any CallLoop, at position: Int64) -> Followers {
    state.withLock { state in
      let key = ObjectIdentifier(loop)
      if let followers = state.followers[filter]?[key] { return followers }
      let followers = Followers(filter: filter, loop: loop, position: position)
      state.followers[filter, default: [:]][key] = followers
      return followers
    }
  }

  /// As `step`, from the position of the group and moving it.
  func step(_ followers: Followers) -> Step? {
    state.withLock { state in
      let step = step(&state, followers.filter, &followers.position)
      if step == nil { followers.isVisited = false }
      return step
    }
  }

  func position(of followers: Followers) -> Int64 { state.withLock { _ in followers.position } }

  /// Forgets a group that nobody is in any more.
  func removeIfEmpty(_ followers: Followers) {
    guard followers.members.isEmpty else { return }
    state.withLock { state in
      // A visit may come late, to a group that another has replaced.
      guard state.followers[followers.filter]?[ObjectIdentifier(followers.loop)] === followers else { return }
      state.followers[followers.filter]?[ObjectIdentifier(followers.loop)] = nil
      if state.followers[followers.filter]?.isEmpty == true { state.followers[followers.filter] = nil }
    }
  }

  /// How many groups of watchers there are; for tests.
  var followersCount: Int { state.withLock { $0.followers.values.reduce(0) { $0 + $1.count } } }
}
