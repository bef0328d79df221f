import Synchronization

/// Whether the server and its services serve, in the standard protocol (grpc.health.v1). The empty name is the whole
/// server; a name that was never set is not known.
public final class Health: GrpcHealthV1.Health {
  public typealias ServingStatus = GrpcHealthV1.HealthCheckResponse.ServingStatus

  private struct State {
    var statuses: [String: ServingStatus]
    var watchers: [Int: Watcher] = [:]
    var lastWatcher = 0
  }

  private struct Watcher {
    let service: String
    let changes: AsyncStream<ServingStatus>.Continuation
  }

  private let state: Mutex<State>

  /// - Parameter services: The names of the services that serve from the start, as does the whole server.
  public init(services: [String] = []) {
    var statuses: [String: ServingStatus] = ["": .serving]
    for service in services { statuses[service] = .serving }
    state = Mutex(State(statuses: statuses))
  }

  /// Sets how a service does, and tells its watchers.
  public func set(_ status: ServingStatus, of service: String) {
    let watchers = state.withLock { state in
      state.statuses[service] = status
      return state.watchers.values.filter { $0.service == service }
    }
    for watcher in watchers { watcher.changes.yield(status) }
  }

  /// Says of everything that it no longer serves, as before a shutdown, and ends the watches after they heard it.
  public func shutDown() {
    let watchers = state.withLock { state in
      for service in state.statuses.keys { state.statuses[service] = .notServing }
      return Array(state.watchers.values)
    }
    for watcher in watchers {
      watcher.changes.yield(.notServing)
      watcher.changes.finish()
    }
  }

  public func check(
    _ request: GrpcHealthV1.HealthCheckRequest,
    _ call: Call
  ) async throws -> GrpcHealthV1.HealthCheckResponse {
    guard let status = state.withLock({ $0.statuses[request.service] }) else {
      throw RPCError(.notFound, "there is no service \(request.service)")
    }
    return GrpcHealthV1.HealthCheckResponse(status: status)
  }

  public func list(
    _ request: GrpcHealthV1.HealthListRequest,
    _ call: Call
  ) async throws -> GrpcHealthV1.HealthListResponse {
    GrpcHealthV1.HealthListResponse(
      statuses: state.withLock(\.statuses).mapValues { GrpcHealthV1.HealthCheckResponse(status: $0) }
    )
  }

  public func watch(
    _ request: GrpcHealthV1.HealthCheckRequest,
    _ responses: ResponseStream<GrpcHealthV1.HealthCheckResponse>,
    _ call: Call
  ) async throws {
    // A slow watcher needs only the newest status.
    let (changes, continuation) = AsyncStream.makeStream(of: ServingStatus.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      state.lastWatcher += 1
      state.watchers[state.lastWatcher] = Watcher(service: request.service, changes: continuation)
      continuation.yield(state.statuses[request.service] ?? .serviceUnknown)
      return state.lastWatcher
    }
    defer { state.withLock { _ = $0.watchers.removeValue(forKey: id) } }
    var last: ServingStatus?
    for await status in changes where status != last {
      last = status
      try await responses.send(GrpcHealthV1.HealthCheckResponse(status: status))
    }
  }
}
