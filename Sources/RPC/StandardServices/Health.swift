import Synchronization

/// Whether the server and its services serve, in the standard protocol (grpc.health.v1). The empty name is the whole
/// server; a name that was never set is not known.
public final class Health: GrpcHealthV1.Health {
  public typealias ServingStatus = GrpcHealthV1.HealthCheckResponse.ServingStatus

  private struct State {
    var statuses: [String: ServingStatus]
    var watches: [ObjectIdentifier: HealthWatch] = [:]
    var isShutDown = false
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
    let watches = state.withLock { state in
      state.statuses[service] = status
      return state.watches.values.filter { $0.service == service }
    }
    for watch in watches { watch.statusMayHaveChanged() }
  }

  /// Says of everything that it no longer serves, as before a shutdown, and ends the watches after they heard it.
  public func shutDown() {
    let watches = state.withLock { state in
      for service in state.statuses.keys { state.statuses[service] = .notServing }
      state.isShutDown = true
      return Array(state.watches.values)
    }
    for watch in watches { watch.statusMayHaveChanged() }
  }

  /// How a service does now, for a watcher, and whether that is the last word.
  fileprivate func status(of service: String) -> (status: ServingStatus, isLast: Bool) {
    state.withLock { state in
      (state.statuses[service] ?? (state.isShutDown ? .notServing : .serviceUnknown), state.isShutDown)
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
    let watch = HealthWatch(of: request.service, health: self, response: responses)
    state.withLock { $0.watches[ObjectIdentifier(watch)] = watch }
    call.whenEnded { _ in self.state.withLock { _ = $0.watches.removeValue(forKey: ObjectIdentifier(watch)) } }
    try await watch.catchUp()
  }
}

/// One watch of a service's health. It is parked while nothing changes; a slow watcher gets only the newest status.
private final class HealthWatch: ResponseKeeper, @unchecked Sendable {
  let service: String
  private let health: Health
  private let response: ResponseStream<GrpcHealthV1.HealthCheckResponse>
  // Only touched on the call's loop.
  private var sent: Health.ServingStatus?
  private var isParked = false

  init(of service: String, health: Health, response: ResponseStream<GrpcHealthV1.HealthCheckResponse>) {
    self.service = service
    self.health = health
    self.response = response
  }

  func statusMayHaveChanged() { response.loop.execute { self.wake() } }

  private func wake() {
    guard isParked else { return }  // else it looks before it parks
    isParked = false
    response.resume { try await self.catchUp() }
  }

  /// Sends what is new, and leaves the response parked.
  func catchUp() async throws {
    while true {
      let (status, isLast) = health.status(of: service)
      if status != sent {
        sent = status
        try await response.send(GrpcHealthV1.HealthCheckResponse(status: status))
        continue
      }
      if isLast { return }
      isParked = true
      return response.park(with: self)
    }
  }

  func callDidEnd() { isParked = false }
}
