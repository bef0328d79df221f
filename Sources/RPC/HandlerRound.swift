/// Calls whose handlers are ready to run, of many connections: the connections take turns, call by call, so that one
/// with much to do delays the others by no more than one handler at a time.
struct HandlerRound {
  /// Lanes with calls, in the order of their turns.
  private var lanes = Queue<HandlerLane>()
  /// The lane that goes on for as long as no other has calls.
  private var current: HandlerLane?

  mutating func append(_ call: Call, to lane: HandlerLane) {
    lane.calls.append(call)
    enqueue(lane)
  }

  /// A lane goes on that was blocked.
  mutating func unblock(_ lane: HandlerLane) {
    lane.isBlocked = false
    if !lane.calls.isEmpty { enqueue(lane) }
  }

  /// The call whose turn it is.
  mutating func next() -> Call? {
    if lanes.isEmpty, let call = current?.next() { return call }
    return nextInTurn()
  }

  private mutating func nextInTurn() -> Call? {
    while let lane = current ?? lanes.popFirst() {
      if let call = lane.next() {
        if lanes.isEmpty {
          current = lane
        } else {
          current = nil
          lanes.append(lane)
        }
        return call
      }
      lane.isQueued = false
      current = nil
    }
    return nil
  }

  var isEmpty: Bool { current == nil && lanes.isEmpty }

  private mutating func enqueue(_ lane: HandlerLane) {
    guard !lane.isQueued, !lane.isBlocked else { return }
    lane.isQueued = true
    lanes.append(lane)
  }
}

/// The calls of one connection in a round. Belongs to whoever the round belongs to.
package final class HandlerLane: @unchecked Sendable {
  // No change of one comes back to it: the checks for that are left out of the hot path.
  @exclusivity(unchecked) fileprivate var calls = Queue<Call>()
  @exclusivity(unchecked) fileprivate var isQueued = false
  /// Whether the lane's calls wait, because the connection has too much to send already.
  @exclusivity(unchecked) package internal(set) var isBlocked = false

  init() {}

  fileprivate func next() -> Call? { isBlocked ? nil : calls.popFirst() }

  /// A call does not want its turn any more.
  func remove(_ call: Call) { calls.remove { $0 === call } }

  /// No handler of the connection starts until the runner unblocks the lane.
  package func block() { isBlocked = true }
}
