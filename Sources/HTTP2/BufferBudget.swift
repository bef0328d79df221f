import Synchronization

/// The bytes that a server holds for its peers, of all connections together: of requests that no handler has taken yet, and
/// of responses that wait to be sent. When they are too many, the connections that hold the most lose calls first.
final class BufferBudget: Sendable {
  private let limit: Int
  private let connections: ConnectionRegistry
  private let heldBytes = Atomic<Int>(0)
  private let isRelieving = Atomic<Bool>(false)

  init(limit: Int, connections: ConnectionRegistry) {
    self.limit = limit
    self.connections = connections
  }

  /// A connection holds `byteCount` more bytes, or fewer when that is negative.
  func hold(_ byteCount: Int) {
    let heldBytes = heldBytes.wrappingAdd(byteCount, ordering: .relaxed).newValue
    if heldBytes > limit { relieve() }
  }

  /// Has the largest holder let go of calls, and the next one, until there is some room again.
  private func relieve() {
    guard isRelieving.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
    else { return }
    let excess = heldBytes.load(ordering: .relaxed) - (limit - limit / 16)
    guard excess > 0, let largest = connections.largestHolder else {
      isRelieving.store(false, ordering: .releasing)
      return
    }
    largest.executor.eventLoop.execute {
      largest.shed(excess)
      self.isRelieving.store(false, ordering: .releasing)
      if self.heldBytes.load(ordering: .relaxed) > self.limit { self.relieve() }
    }
  }
}
