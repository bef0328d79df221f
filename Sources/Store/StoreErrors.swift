import CSQLite
import Glibc
import RPC

extension StoreLimits {
  /// What a caller gets to see: transient trouble becomes UNAVAILABLE with RetryInfo, the rest stays what it is.
  func callerError(_ error: any Error) -> any Error {
    guard let error = error as? SQLError, error.isTransient else { return error }
    return unavailable(error.kind == .full ? "the database has no room left" : "the database cannot be used right now")
  }

  func unavailable(_ message: String) -> RPCError {
    RPCError.unavailable(message, retryAfter: .milliseconds(retryAfterMilliseconds))
  }

  /// For a queue that took no more.
  func refusal(isClosed: Bool, _ name: String) -> RPCError {
    isClosed
      ? unavailable("the server is shutting down")
      : RPCError.resourceExhausted(
        "too much work waits for the \(name)", reason: "QUEUE_FULL", subject: name,
        retryAfter: .milliseconds(retryAfterMilliseconds))
  }
}

extension StartError {
  /// Runs a step of the start on a database file.
  ///
  /// - Throws: `StartError` in place of an `SQLError`.
  static func explain<Value>(database path: String, _ step: () throws -> Value) throws -> Value {
    do {
      return try step()
    } catch let error as SQLError {
      throw StartError(database: path, error)
    }
  }

  private init(database path: String, _ error: SQLError) {
    // One that may only be read is opened all the same.
    if error.code & 0xff == SQLITE_READONLY {
      self.init(cannot: "write the database \(path)", errno: unsafe access(path, W_OK) == 0 ? EACCES : errno)
      return
    }
    switch error.kind {
    case .damaged:
      self.init("\(path) is not a database, or it is damaged; move it away, or restore it from a backup")
    case .full:
      self.init("cannot write the database \(path): no space is left; free some")
    case .busy:
      self.init("another process has locked the database \(path); end that process")
    case .io where error.systemCode != 0:
      self.init(cannot: "use the database \(path)", errno: error.systemCode)
    case .io, .unique, .foreignKey, .check, .type, .other:
      self.init("cannot use the database \(path): \(error.message)")
    }
  }
}
