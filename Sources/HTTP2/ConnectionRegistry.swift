import NIOConcurrencyHelpers
import NIOCore

/// The connections of a server: for its end, and for what they share.
final class ConnectionRegistry: Sendable {
  private struct State {
    var connections: [ObjectIdentifier: ServerConnection] = [:]
    var waiters: [EventLoopPromise<Void>] = []
  }

  private let state = NIOLockedValueBox(State())

  var count: Int { state.withLockedValue { $0.connections.count } }

  /// The connection that holds the most bytes for its peer, if any holds some.
  var largestHolder: ServerConnection? {
    state.withLockedValue { state in
      state.connections.values.max { $0.buffers.reportedBytes < $1.buffers.reportedBytes }
    }.flatMap { $0.buffers.reportedBytes > 0 ? $0 : nil }
  }

  func add(_ connection: ServerConnection) {
    state.withLockedValue { $0.connections[ObjectIdentifier(connection)] = connection }
  }

  func remove(_ connection: ServerConnection) {
    let waiters = state.withLockedValue { state -> [EventLoopPromise<Void>] in
      state.connections[ObjectIdentifier(connection)] = nil
      guard state.connections.isEmpty else { return [] }
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.succeed() }
  }

  /// Runs `body` for every connection, on its loop.
  func forEach(_ body: @escaping @Sendable (ServerConnection) -> Void) {
    for connection in state.withLockedValue({ Array($0.connections.values) }) {
      connection.executor.eventLoop.execute { body(connection) }
    }
  }

  /// Succeeds as soon as there is no connection.
  func whenEmpty(on loop: any EventLoop) -> EventLoopFuture<Void> {
    let promise = loop.makePromise(of: Void.self)
    let isEmpty = state.withLockedValue { state -> Bool in
      guard !state.connections.isEmpty else { return true }
      state.waiters.append(promise)
      return false
    }
    if isEmpty { promise.succeed() }
    return promise.futureResult
  }
}
