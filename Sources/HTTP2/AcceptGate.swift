import NIOConcurrencyHelpers
import NIOCore
import RPC

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Holds back the listeners of a server while as many connections are open as may be: what comes then waits in the
/// system's queue, and is served when there is room. Before it comes to that, connections that have had no call for longest
/// are asked to go.
final class AcceptGate: Sendable {
  private struct Connection {
    let idle: IdleMark
    /// Makes the connection go, unless a call has begun.
    var giveUp: @Sendable () -> Void
  }

  private struct State {
    var connections: [ObjectIdentifier: Connection] = [:]
    var waiting: [@Sendable () -> Void] = []
    /// Someone looks for idle connections, now or soon.
    var isLooking = false
    /// The system has refused a descriptor.
    var isShort = false
  }

  /// Time between two looks for idle connections.
  private static let lookInterval = TimeAmount.milliseconds(50)

  private let limit: Int
  /// With more connections than this, idle ones go.
  private let comfortableCount: Int
  private let minIdle: UInt64
  private let incidents: IncidentLog
  private let loop: any EventLoop
  private let state = NIOLockedValueBox(State())

  /// `loop` is where the gate looks for idle connections.
  init(limits: Limits, incidents: IncidentLog, loop: any EventLoop) {
    // A system that is out of descriptors makes accepting spin, and everybody else in the process fail.
    let descriptors = max(2, sysconf(Int32(_SC_OPEN_MAX)))
    limit = max(1, min(limits.maxConnections, descriptors - min(limits.reservedDescriptors, descriptors / 2)))
    comfortableCount = limit - min(limits.reservedConnections, max(1, limit / 8))
    minIdle = UInt64(clamping: limits.minIdleSeconds) * 1_000_000_000
    self.incidents = incidents
    self.loop = loop
  }

  /// The mark of an open connection, which `giveUp` makes go from here on.
  func take(_ channel: any NIOCore.Channel, giveUp: @escaping @Sendable () -> Void) -> IdleMark? {
    state.withLockedValue { state in
      state.connections[ObjectIdentifier(channel)]?.giveUp = giveUp
      return state.connections[ObjectIdentifier(channel)]?.idle
    }
  }

  /// Adds the gate to a listener.
  func guardListener(_ channel: any NIOCore.Channel) throws {
    try channel.pipeline.syncOperations.addHandler(Handler(gate: self))
  }

  /// False when there is no room, in which case `resume` is called once there is.
  fileprivate func hasRoom(resume: @escaping @Sendable () -> Void) -> Bool {
    let hasRoom = state.withLockedValue { state -> Bool in
      if state.connections.count < limit { return true }
      state.waiting.append(resume)
      return false
    }
    if !hasRoom {
      incidents.report("no further connections accepted", peer: "any", metadata: ["limit": "\(limit)"])
    }
    return hasRoom
  }

  fileprivate func enter(_ channel: any NIOCore.Channel) {
    let id = ObjectIdentifier(channel)
    let connection = Connection(idle: IdleMark(now: Deadline.nowNanoseconds())) { channel.close(promise: nil) }
    let isCrowded = state.withLockedValue { state in
      state.connections[id] = connection
      return state.connections.count > comfortableCount
    }
    channel.closeFuture.whenComplete { _ in
      let waiting = self.state.withLockedValue { state -> [@Sendable () -> Void] in
        state.connections[id] = nil
        guard state.connections.count < self.limit else { return [] }
        defer { state.waiting = [] }
        return state.waiting
      }
      for resume in waiting { resume() }
    }
    if isCrowded { look(in: .zero) }
  }

  fileprivate func refuse(_ error: any Error) {
    incidents.report("connections cannot be accepted", peer: "any", metadata: ["error": "\(error)"])
    state.withLockedValue { $0.isShort = true }
    look(in: .zero)
  }

  private func look(in time: TimeAmount) {
    let isFirst = state.withLockedValue { state in
      defer { state.isLooking = true }
      return !state.isLooking
    }
    if isFirst { loop.scheduleTask(in: time) { self.makeRoom() } }
  }

  /// Asks idle connections to go, as many as there are over the comfortable count. Where too few are idle, or they do not
  /// go, it looks again.
  private func makeRoom() {
    let (connections, isShort) = state.withLockedValue { state in
      defer { state.isShort = false }
      return (Array(state.connections.values), state.isShort)
    }
    let now = Deadline.nowNanoseconds()
    let stayingCount = connections.count { !$0.idle.isLeaving }
    let wanted = max(stayingCount - comfortableCount, isShort ? 1 : 0)
    if wanted > 0 {
      let idle = connections.compactMap { connection in connection.idle.idleSince.map { (since: $0, connection) } }
      let longest = idle.filter { now >= $0.since && now - $0.since >= minIdle }.sorted { $0.since < $1.since }
      var count = 0
      for (since, connection) in longest.prefix(wanted) where connection.idle.leave(idleSince: since) {
        connection.giveUp()
        count += 1
      }
      if count > 0 {
        incidents.report("idle connections closed to make room", peer: "any", metadata: ["count": "\(count)"])
      }
    }
    let isCrowded = state.withLockedValue { state in
      state.isLooking = false
      return state.connections.count > comfortableCount || state.isShort
    }
    if isCrowded { look(in: AcceptGate.lookInterval) }
  }
}

extension AcceptGate {
  /// On the listener's loop.
  private final class Handler: ChannelDuplexHandler {
    typealias InboundIn = any NIOCore.Channel
    typealias OutboundIn = Never

    private let gate: AcceptGate

    init(gate: AcceptGate) { self.gate = gate }

    func read(context: ChannelHandlerContext) {
      let listener = context.channel
      if gate.hasRoom(resume: { listener.read() }) { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      gate.enter(unwrapInboundIn(data))
      context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      gate.refuse(error)
    }
  }
}
