import NIOCore
import RPC

/// Finds the addresses of a server, connects to them, and gives each call a connection. Belongs to the channel's loop.
///
/// By `pick_first` the addresses are tried in order, and the first that answers gets all calls; by `round_robin` all are
/// connected to, and calls go to one after another. Both connect when a call needs it, and `round_robin` also when one
/// of several connections is lost.
final class Balancer: @unchecked Sendable {
  private let resolver: Resolver
  private let connector: Connector
  private let policy: ServiceConfig.LoadBalancing
  private let backoff: Backoff
  private let loop: any EventLoop

  /// The connections that take calls, and the one that took the last.
  private var ready: [ClientConnection] = []
  private var last = 0
  /// Calls that wait for a connection, also some that have ended meanwhile.
  private var waiting: [HTTP2ClientStream] = []
  private var subchannels: [Subchannel] = []
  /// How many of the addresses are tried.
  private var tried = 0
  private(set) var lastFailure = RPCError(.unavailable, "there is no connection")
  private var isResolving = false
  /// After failures to find addresses.
  private var resolution: Reconnection
  private var resolvedAt: NIODeadline?
  /// The addresses may be old.
  private var isStale = true
  private var stagger: Scheduled<Void>?
  private var alarm: Scheduled<Void>?
  private var isClosed = false

  init(resolver: Resolver, connector: Connector, policy: ServiceConfig.LoadBalancing, backoff: Backoff) {
    self.resolver = resolver
    self.connector = connector
    self.policy = policy
    self.backoff = backoff
    loop = connector.executor.eventLoop
    resolution = Reconnection(backoff)
  }

  /// Begins an attempt of a call, now or as soon as there is a connection; tells the call when there will be none.
  func place(_ stream: HTTP2ClientStream) {
    // A connection that does not take the call is not ready any more.
    while !ready.isEmpty {
      last = last + 1 < ready.count ? last + 1 : 0
      if ready[last].take(stream) { return }
    }
    waiting.append(stream)
    if !isBusy { connect() }
  }

  /// Closes all connections, and fails all calls.
  func close() {
    isClosed = true
    stagger?.cancel()
    alarm?.cancel()
    for connection in ready { connection.close(because: "the channel was closed") }
    ready = []
    for subchannel in subchannels { subchannel.retire() }
    subchannels = []
    settle()
  }

  // MARK: From subchannels

  func connected(_ subchannel: Subchannel, _ connection: ClientConnection) {
    // Of two addresses that were tried at once the slower one is not needed.
    if policy == .pickFirst, !ready.isEmpty { return connection.close() }
    ready.append(connection)
    if policy == .pickFirst {
      stagger?.cancel()
      tried = subchannels.count
    }
    let calls = waiting
    waiting = []
    for call in calls { place(call) }
  }

  func failed(_ error: RPCError) {
    lastFailure = error
    isStale = true
    advance()
  }

  /// A connection takes no more calls; it was made `age` ago.
  func lost(_ connection: ClientConnection, after age: TimeAmount) {
    ready.removeAll { $0 === connection }
    isStale = true
    guard policy == .roundRobin, !connection.wasIdle else { return }
    // A server that takes connections and drops them does not get another at once.
    if age >= TimeAmount(backoff.initial) { connect() } else { setAlarm(in: TimeAmount(backoff.initial)) }
  }

  // MARK: -

  private var isBusy: Bool { isResolving || subchannels.contains { $0.isConnecting } }

  private func connect() {
    guard !isClosed else { return settle() }
    tried = 0
    if isStale, mayResolve { resolve() } else { advance() }
  }

  private var mayResolve: Bool {
    if isResolving || resolution.hold(now: .now()) != nil { return false }
    guard !subchannels.isEmpty, let resolvedAt else { return true }
    return .now() - resolvedAt >= .seconds(Int64(connector.limits.minResolutionIntervalSeconds))
  }

  private func resolve() {
    isResolving = true
    resolver.addresses(loop).whenComplete { result in
      self.isResolving = false
      guard !self.isClosed else { return }
      do {
        let addresses = try result.get()
        guard !addresses.isEmpty else { throw Resolver.Failure(description: "it has no addresses") }
        self.resolution.succeeded()
        self.resolvedAt = .now()
        self.isStale = false
        self.use(addresses)
      } catch {
        self.lastFailure = RPCError(.unavailable, "the server's name cannot be resolved: \(error)")
        self.resolution.failed(self.lastFailure, now: .now())
      }
      self.advance()
    }
  }

  /// Keeps the connections to addresses that are still there.
  private func use(_ addresses: [SocketAddress]) {
    let old = subchannels
    subchannels = []
    for address in addresses where !subchannels.contains(where: { $0.address == address }) {
      subchannels.append(
        old.first { $0.address == address }
          ?? Subchannel(address, connector: connector, backoff: backoff, balancer: self))
    }
    for subchannel in old where !subchannels.contains(where: { $0 === subchannel }) {
      ready.removeAll { $0 === subchannel.connection }
      subchannel.retire()
    }
  }

  /// Tries the addresses that have not been tried: the next one, or all.
  private func advance() {
    stagger?.cancel()
    while tried < subchannels.count, policy == .roundRobin || ready.isEmpty {
      tried += 1
      guard subchannels[tried - 1].connect(), policy == .pickFirst else { continue }
      stagger = loop.scheduleTask(in: .milliseconds(Int64(connector.limits.connectStaggerMilliseconds))) {
        self.advance()
      }
      return
    }
    settle()
  }

  /// Nothing more is to be begun at the moment. Where nothing is under way either, calls fail but those that wait longer.
  private func settle() {
    waiting.removeAll { $0.isFinished }
    if ready.isEmpty, !isBusy || isClosed {
      let calls = waiting
      let error = isClosed ? RPCError(.unavailable, "the channel is closed") : lastFailure
      waiting = isClosed ? [] : calls.filter(\.waitsForReady)
      for call in calls where isClosed || !call.waitsForReady { call.remainsWithoutConnection(error) }
    }
    guard !isClosed else { return }
    let isStuck = ready.isEmpty && !isBusy && !waiting.isEmpty
    let holds = subchannels.isEmpty ? [resolution.hold(now: .now())?.wait] : subchannels.map(\.wait)
    let soonest = holds.compactMap { $0 }.min()
    if isStuck {
      setAlarm(in: soonest ?? .zero)
    } else if policy == .roundRobin, !ready.isEmpty, let soonest {
      setAlarm(in: soonest)
    }
  }

  private func setAlarm(in time: TimeAmount) {
    alarm?.cancel()
    alarm = loop.scheduleTask(in: time) {
      if self.policy == .roundRobin || self.ready.isEmpty, !self.isBusy { self.connect() }
    }
  }
}
