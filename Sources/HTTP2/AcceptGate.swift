import NIOConcurrencyHelpers
import NIOCore
import RPC

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Holds back the listeners of a server while as many connections are open as may be: what comes then waits in the
/// system's queue, and is served when there is room.
final class AcceptGate: Sendable {
  private struct State {
    var openCount = 0
    var waiting: [@Sendable () -> Void] = []
  }

  private let limit: Int
  private let incidents: IncidentLog
  private let state = NIOLockedValueBox(State())

  init(limits: Limits, incidents: IncidentLog) {
    // A system that is out of descriptors makes accepting spin, and everybody else in the process fail.
    let descriptors = max(2, sysconf(Int32(_SC_OPEN_MAX)))
    limit = max(1, min(limits.maxConnections, descriptors - min(limits.reservedDescriptors, descriptors / 2)))
    self.incidents = incidents
  }

  /// Adds the gate to a listener.
  func guardListener(_ channel: any NIOCore.Channel) throws {
    try channel.pipeline.syncOperations.addHandler(Handler(gate: self))
  }

  /// False when there is no room, in which case `resume` is called once there is.
  fileprivate func hasRoom(resume: @escaping @Sendable () -> Void) -> Bool {
    let hasRoom = state.withLockedValue { state -> Bool in
      if state.openCount < limit { return true }
      state.waiting.append(resume)
      return false
    }
    if !hasRoom {
      incidents.report("no further connections accepted", peer: "any", metadata: ["limit": "\(limit)"])
    }
    return hasRoom
  }

  fileprivate func enter(_ connection: any NIOCore.Channel) {
    state.withLockedValue { $0.openCount += 1 }
    connection.closeFuture.whenComplete { _ in
      let waiting = self.state.withLockedValue { state -> [@Sendable () -> Void] in
        state.openCount -= 1
        guard state.openCount < self.limit else { return [] }
        defer { state.waiting = [] }
        return state.waiting
      }
      for resume in waiting { resume() }
    }
  }

  fileprivate func refuse(_ error: any Error) {
    incidents.report("connections cannot be accepted", peer: "any", metadata: ["error": "\(error)"])
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
