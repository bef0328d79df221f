import Protobuf

/// An event of the outbox. It never changes and is shared by the ring and all watchers.
public final class StoredEvent: Sendable {
  /// Its place among all events: 1, 2, 3, … in the order of commits, without gaps.
  public let sequence: Int64
  /// What it is about, such as "applications"; a watch is of one topic.
  public let topic: String
  /// The resource it happened to, such as "applications/0190…".
  public let subject: String
  /// Who may see it, such as the enterprise it belongs to; empty where only staff may.
  public let scope: String
  /// When its unit of work ran.
  public let at: Timestamp
  /// The payload's message type.
  public let type: String
  /// The payload in its wire form, encoded once for every watcher.
  public let payload: [UInt8]

  init(
    sequence: Int64, topic: String, subject: String, scope: String, at: Timestamp, type: String, payload: [UInt8]
  ) {
    self.sequence = sequence
    self.topic = topic
    self.subject = subject
    self.scope = scope
    self.at = at
    self.type = type
    self.payload = payload
  }

  /// The payload as a message.
  ///
  /// - Throws: `MessageDecodingError` when it is not an `M`.
  public func decoded<M: Message>(as type: M.Type = M.self) throws -> M {
    try M(serializedBytes: payload)
  }
}

/// Which events a watcher wants: those of a topic, narrowed to one scope or one subject where given.
public struct EventFilter: Sendable, Hashable {
  public let topic: String
  public let scope: String?
  public let subject: String?

  public init(topic: String, scope: String? = nil, subject: String? = nil) {
    self.topic = topic
    self.scope = scope
    self.subject = subject
  }

  func matches(_ event: StoredEvent) -> Bool {
    event.topic == topic && (scope == nil || scope == event.scope) && (subject == nil || subject == event.subject)
  }

  /// The filters that an event satisfies; together they find all who wait for it without asking each.
  static func satisfied(by event: StoredEvent) -> [EventFilter] {
    [
      EventFilter(topic: event.topic),
      EventFilter(topic: event.topic, scope: event.scope),
      EventFilter(topic: event.topic, subject: event.subject),
      EventFilter(topic: event.topic, scope: event.scope, subject: event.subject),
    ]
  }
}
