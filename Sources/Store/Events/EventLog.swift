import RPC
import Synchronization

/// Committed events, to be watched: first those in the table, then the live ones, without gap or repetition.
///
/// A watcher holds only its position. It reads from the ring of latest events, from the table where it fell behind
/// the ring, and otherwise sleeps until a commit brings an event that its filter asks for; a sleeping watcher costs
/// a commit nothing.
public final class EventLog: Sendable {
  /// What a watcher gets when it asks for more.
  enum Step {
    /// Events, and the position after them; both from the ring.
    case events([StoredEvent], position: Int64)
    /// The ring no longer holds what follows the position: read the table up to here.
    case behind(through: Int64)
    /// The log is closed or the watcher cancelled.
    case ended
  }

  typealias Wake = CheckedContinuation<Step?, Never>

  private struct State {
    var ring: EventRing
    var sleepers: [EventFilter: [Int64: Wake]] = [:]
    var cancelled: Set<Int64> = []
    var followers: [EventFilter: [ObjectIdentifier: Followers]] = [:]
    var isClosed = false
  }

  private let state: Mutex<State>
  private let lastWatcher = Atomic<Int64>(0)
  private let scans: ScanPool
  private let limits: StoreLimits

  init(head: Int64, scans: ScanPool, limits: StoreLimits) {
    state = Mutex(State(ring: EventRing(count: limits.eventRingCount, bytes: limits.eventRingBytes, head: head)))
    self.scans = scans
    self.limits = limits
  }

  /// The sequence number of the last committed event.
  public var head: Int64 { state.withLock { $0.ring.head } }

  /// Watches events. The sequence ends when the task is cancelled or the store closes, and throws UNAVAILABLE when
  /// the table cannot be read.
  ///
  /// - Parameter after: The sequence number of the last event already seen, 0 for everything from the start, nil for
  ///   only what is committed from now on. See `ResumeToken` for what a client hands back.
  public func subscribe(_ filter: EventFilter, after: Int64?) -> Events {
    Events(log: self, filter: filter, position: after ?? head)
  }

  /// Takes in the events of a commit. Returns what wakes their watchers, to be called after the callers are answered.
  func publish(_ events: [StoredEvent]) -> () -> Void {
    let (woken, signaled) = state.withLock { state in
      var woken: [(Wake, Int64)] = []
      var signaled: [Followers] = []
      for event in events {
        let hasGap = event.sequence != state.ring.head + 1
        state.ring.append(event)
        if state.sleepers.isEmpty, state.followers.isEmpty { continue }
        if hasGap {
          // Nobody knows what the missing ones were: everyone looks for himself.
          for sleepers in state.sleepers.values { for wake in sleepers.values { woken.append((wake, -1)) } }
          state.sleepers.removeAll()
          for followers in state.followers.values { signaled += followers.values.filter { $0.signal() } }
          continue
        }
        for filter in EventFilter.satisfied(by: event) {
          if let followers = state.followers[filter]?.values {
            signaled += followers.filter { $0.signal(before: event.sequence) }
          }
          guard let sleepers = state.sleepers.removeValue(forKey: filter) else { continue }
          for wake in sleepers.values { woken.append((wake, event.sequence - 1)) }
        }
      }
      return (woken, signaled)
    }
    return {
      for followers in signaled { followers.loop.execute { self.visit(followers) } }
      for (wake, position) in woken {
        // Nothing between a sleeper's position and this event matched, or it would have been woken then.
        wake.resume(returning: position < 0 ? nil : .events([], position: position))
      }
    }
  }

  /// Ends all watches.
  func close() {
    let (sleepers, followers) = state.withLock { state in
      state.isClosed = true
      defer { state.sleepers.removeAll() }
      return (state.sleepers.values.flatMap(\.values), state.followers.values.flatMap(\.values))
    }
    for group in followers { group.loop.execute { self.visit(group) } }
    for wake in sleepers { wake.resume(returning: .ended) }
  }

  func newWatcher() -> Int64 {
    lastWatcher.add(1, ordering: .relaxed).newValue
  }

  /// What follows `position`; sleeps while there is nothing.
  func next(_ filter: EventFilter, after position: Int64, watcher: Int64) async -> Step {
    var position = position
    while true {
      if let step = state.withLock({ step(&$0, filter, &position) }) { return step }
      let woken = await sleep(filter, after: position, watcher)
      switch woken {
      case .none: continue
      case .events(_, let newPosition): position = max(position, newPosition)
      case .behind, .ended: return .ended
      }
    }
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

  /// Sleeps until an event matches. Looks once more under the lock first, so that none can slip in between.
  private func sleep(_ filter: EventFilter, after seen: Int64, _ watcher: Int64) async -> Step? {
    let step = await withTaskCancellationHandler {
      await withCheckedContinuation { (wake: Wake) in
        let now: Step?? = state.withLock { state in
          if state.isClosed || state.cancelled.remove(watcher) != nil { return .some(.ended) }
          if state.ring.head > seen { return .some(nil) }
          state.sleepers[filter, default: [:]][watcher] = wake
          return nil
        }
        if let now { wake.resume(returning: now) }
      }
    } onCancel: {
      let wake = state.withLock { state -> Wake? in
        if let wake = state.sleepers[filter]?.removeValue(forKey: watcher) {
          if state.sleepers[filter]?.isEmpty == true { state.sleepers[filter] = nil }
          return wake
        }
        // Cancelled before it slept, which it must learn, or after it was woken, which is cleared below.
        state.cancelled.insert(watcher)
        return nil
      }
      wake?.resume(returning: .ended)
    }
    guard Task.isCancelled else { return step }
    state.withLock { _ = $0.cancelled.remove(watcher) }
    return .ended
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

  /// How many watchers sleep; for tests.
  var sleeperCount: Int { state.withLock { $0.sleepers.values.reduce(0) { $0 + $1.count } } }
}
