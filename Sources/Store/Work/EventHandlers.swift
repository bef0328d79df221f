import Synchronization

/// Handlers that run inside the unit of work whose event they are for: how news goes from a domain to those above it.
final class EventHandlers: Sendable {
  typealias Handler = @Sendable (StoredEvent, UnitOfWork) throws -> Void

  private let byTopic = Mutex<[String: [Handler]]>([:])

  func add(_ topic: String, _ handler: @escaping Handler) {
    byTopic.withLock { $0[topic, default: []].append(handler) }
  }

  func handlers(_ topic: String) -> [Handler]? {
    byTopic.withLock { $0.isEmpty ? nil : $0[topic] }
  }
}
