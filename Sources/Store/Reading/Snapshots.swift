import Logging
import Synchronization

/// Read connections for point reads on the caller's own thread. Each read borrows one and gives it back, so there are
/// as many as threads that ever read at once, and the last one used, whose cache is warm, is used next.
final class Snapshots: Sendable {
  /// Carries a connection from the thread that gives it back to the one that borrows it next.
  private struct Idle: @unchecked Sendable {
    let connection: Connection
  }

  private let idle = Mutex<[Idle]>([])
  private let path: String
  private let limits: StoreLimits

  init(path: String, limits: StoreLimits) {
    self.path = path
    self.limits = limits
  }

  /// Runs `body` in one snapshot: all its queries see the same committed state.
  ///
  /// - Throws: what `body` throws; UNAVAILABLE when the file cannot be read.
  func read<Value>(_ body: (Connection) throws -> Value) throws -> Value {
    do {
      let connection = try borrow()
      var isSound = false
      // A connection that failed on the file is not used again.
      defer { if isSound { giveBack(connection) } }
      do {
        try connection.execute("BEGIN")
        let value = try body(connection)
        try connection.execute("COMMIT")
        isSound = true
        return value
      } catch {
        if connection.isInTransaction { try connection.execute("ROLLBACK") }
        isSound = !((error as? SQLError)?.isTransient ?? false)
        throw error
      }
    } catch {
      throw limits.callerError(error)
    }
  }

  /// Closes the connections that nobody uses.
  func close() {
    idle.withLock { $0.removeAll() }
  }

  private func borrow() throws(SQLError) -> Connection {
    let borrowed = idle.withLock { $0.popLast() }
    guard let connection = borrowed?.connection else {
      return try Connection(path: path, access: .readOnly, limits: limits)
    }
    connection.adopt()
    return connection
  }

  private func giveBack(_ connection: Connection) {
    let returned = Idle(connection: connection)
    idle.withLock { idle in
      if idle.count < limits.idleReadConnectionCount { idle.append(returned) }
    }
  }
}
