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

/// What keeps a store from starting, in words for the operator.
public struct StoreStartError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
