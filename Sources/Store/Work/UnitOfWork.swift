import Protobuf
import RPC

/// What a unit of work may do: everything through it commits together, or not at all. It lives only inside the closure
/// it is handed to, on the writer's thread; keep that closure short, and let nothing wait in it.
public final class UnitOfWork {
  /// The writer's connection, inside its transaction.
  public let connection: Connection
  /// When the unit began; one moment for everything in it.
  public let now: Timestamp
  /// Who it is done for.
  public let caller: Caller
  /// The request id of the call; may be empty.
  public let requestId: String

  private let transaction: WriteTransaction
  private let handlers: EventHandlers
  private let ids: IDGenerator
  private let limits: StoreLimits
  private var depth = 0

  init(
    _ transaction: WriteTransaction, now: Timestamp, caller: Caller, requestId: String, handlers: EventHandlers,
    ids: IDGenerator,
    limits: StoreLimits
  ) {
    self.transaction = transaction
    connection = transaction.connection
    self.now = now
    self.caller = caller
    self.requestId = requestId
    self.handlers = handlers
    self.ids = ids
    self.limits = limits
  }

  /// A new id: a UUID of version 7, lowercase, larger than every one before it from this process.
  public func newId() -> String {
    ids.next(at: now)
  }

  /// Appends an event to the outbox and runs the handlers of its topic in this unit. Returns its sequence number.
  @discardableResult
  public func emit(topic: String, subject: String, scope: String = "", payload: some Message) throws -> Int64 {
    try emit(topic: topic, subject: subject, scope: scope) { _ in payload }
  }

  /// The same for a payload that holds its own sequence number, such as one with a resume token.
  @discardableResult
  public func emit<Payload: Message>(
    topic: String, subject: String, scope: String = "", payload make: (_ sequence: Int64) -> Payload
  ) throws -> Int64 {
    let sequence = try transaction.nextEventSequence()
    let event = StoredEvent(
      sequence: sequence, topic: topic, subject: subject, scope: scope, at: now, type: Payload.protoName,
      payload: make(sequence).serializedBytes())
    try transaction.append(event)
    guard let interested = handlers.handlers(topic) else { return sequence }
    guard depth < limits.eventHandlerDepth else { throw EventLoopError(topic: topic) }
    depth += 1
    defer { depth -= 1 }
    for handler in interested { try handler(event, self) }
    return sequence
  }

  /// Appends an entry to the audit log.
  ///
  /// - Parameters:
  ///   - resource: The resource's name.
  ///   - action: What was done, such as "approve".
  ///   - detail: What else a reviewer needs; never a secret, the log is not sealed.
  public func audit(resource: String, action: String, detail: String = "") throws {
    try transaction.append(
      AuditEntry(
        at: now, actor: caller.subject, action: action, resource: resource, requestId: requestId, detail: detail))
  }

  /// The business date, which is not the wall clock's.
  public var businessDate: BusinessDate {
    get throws { try BusinessDateTable.current(connection) }
  }

  /// Closes the business day: `next` becomes the business date.
  ///
  /// - Throws: FAILED_PRECONDITION when `next` is not later than the current one.
  public func closeBusinessDay(next: BusinessDate) throws {
    try BusinessDateTable.close(next: next, now: now, connection)
  }
}

/// Handlers that answered each other's events without end.
struct EventLoopError: Error {
  let topic: String
}
