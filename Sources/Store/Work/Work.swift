import Protobuf
import RPC

/// How domains change state. A mutating RPC is one `perform`: state, events, audit entries, the reply and the record
/// of the request commit together, or none of them does.
public final class Work: Sendable {
  private let store: Store
  private let clock: @Sendable () -> Timestamp
  private let handlers = EventHandlers()
  private let ids = IDGenerator()

  /// - Parameter clock: The wall clock; tests give their own.
  public init(_ store: Store, clock: @escaping @Sendable () -> Timestamp = { Timestamp.now() }) {
    self.store = store
    self.clock = clock
  }

  /// Registers, at start, what another domain does in the same unit of work when an event of `topic` is emitted.
  public func onEvent(topic: String, _ handler: @escaping @Sendable (StoredEvent, UnitOfWork) throws -> Void) {
    handlers.add(topic, handler)
  }

  /// Does the work of `body` once for this caller, method and request id. A repeated request gets the stored reply; an empty
  /// request id keeps no record. `body` itself may run
  /// again, after all it did was undone: nothing but the unit may come to know of it. Returns when everything is durable.
  ///
  /// - Throws: what `body` throws, and then nothing of it remains; FAILED_PRECONDITION with reason
  ///   IDEMPOTENCY_MISMATCH when the id was used with another request; UNAVAILABLE or RESOURCE_EXHAUSTED with
  ///   RetryInfo when it could not be stored; DEADLINE_EXCEEDED when its turn came too late.
  public func perform<Request: Message, Reply: Message>(
    _ request: Request, requestId: String, _ call: Call, retention: Retention = .plain,
    _ body: @escaping @Sendable (UnitOfWork) throws -> Reply
  ) async throws -> Reply {
    try await perform(request, requestId: requestId, as: Caller(call), retention: retention, body)
  }

  /// The same for a caller that is not an RPC's, such as the server itself or a test.
  public func perform<Request: Message, Reply: Message>(
    _ request: Request, requestId: String, as caller: Caller, retention: Retention = .plain,
    _ body: @escaping @Sendable (UnitOfWork) throws -> Reply
  ) async throws -> Reply {
    let record = try record(request, requestId, caller, retention)
    return try await store.writer.perform(for: caller.loop) { [self] transaction in
      try caller.checkDeadline()
      if let reply: Reply = try record?.earlierReply(to: request, transaction) { return reply }
      let unit = unit(transaction, caller, requestId)
      let reply = try body(unit)
      try record?.insert(reply: reply.serializedBytes(), at: unit.now, transaction)
      return reply
    }
  }

  /// Runs `body` as `perform` would, returns its reply and undoes everything: for requests with `validate_only`.
  public func preview<Reply: Message>(
    as caller: Caller, _ body: @escaping @Sendable (UnitOfWork) throws -> Reply
  ) async throws -> Reply {
    do {
      return try await store.writer.perform(for: caller.loop, isUndone: true) { [self] transaction -> Reply in
        try caller.checkDeadline()
        throw Undone(reply: try body(unit(transaction, caller, "")))
      }
    } catch let undone as Undone<Reply> {
      return undone.reply
    }
  }

  /// Runs the server's own work, such as what the clock brings.
  ///
  /// - Parameter actor: Who the audit log names, such as "system/accrual".
  public func run<Value: Sendable>(
    as actor: String, _ body: @escaping @Sendable (UnitOfWork) throws -> Value
  ) async throws -> Value {
    try await store.writer.perform { [self] transaction in
      try body(unit(transaction, Caller(subject: actor), ""))
    }
  }

  /// Carries the reply out of work that is rolled back.
  private struct Undone<Reply: Message>: Error {
    let reply: Reply
  }

  private func record<Request: Message>(
    _ request: Request, _ requestId: String, _ caller: Caller, _ retention: Retention
  ) throws -> IdempotencyRecord? {
    if requestId.isEmpty { return nil }
    guard requestId.utf8.count <= store.limits.requestIdBytes else {
      throw RPCError.invalidArgument(field: "request_id", "has more than \(store.limits.requestIdBytes) bytes")
    }
    return IdempotencyRecord(
      identity: RequestIdentity(requestId: requestId, caller: caller.subject, method: caller.method),
      retention: retention, request: request.serializedBytes(deterministic: true), keys: store.keys)
  }

  private func unit(_ transaction: WriteTransaction, _ caller: Caller, _ requestId: String) -> UnitOfWork {
    UnitOfWork(
      transaction, now: clock(), caller: caller, requestId: requestId, handlers: handlers, ids: ids,
      limits: store.limits)
  }
}
