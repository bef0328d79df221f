import NIOCore
import NIOSSL
import NIOTLS
import RPC

/// Stands behind the TLS handler of a new connection, and lets HTTP/2 begin once both ends agree on it.
///
/// A peer that does not get that far in time is closed, so that a slow handshake holds nothing up.
final class TLSGate: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  /// Why a connection does not come about.
  enum Refusal: Error, CustomStringConvertible {
    case noHTTP2(String?)
    case timedOut

    var description: String {
      switch self {
      case .noHTTP2(let name): "the peer does not speak h2 over TLS, but \(name ?? "names no protocol by ALPN")"
      case .timedOut: "the TLS handshake took too long"
      }
    }
  }

  private let timeoutSeconds: Int
  private let open: (ChannelHandlerContext) throws -> Void
  private let refuse: (any Error) -> Void
  private var timeout: Scheduled<Void>?
  private var isDone = false

  /// `open` puts the HTTP/2 handler behind this one; `refuse` hears why there is nothing to open, once.
  init(
    timeoutSeconds: Int,
    open: @escaping (ChannelHandlerContext) throws -> Void,
    refuse: @escaping (any Error) -> Void
  ) {
    self.timeoutSeconds = timeoutSeconds
    self.open = open
    self.refuse = refuse
  }

  func handlerAdded(context: ChannelHandlerContext) {
    guard timeoutSeconds > 0 else { return }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timeout = context.eventLoop.scheduleTask(in: .seconds(Int64(timeoutSeconds))) {
      let (gate, context) = bound.value
      gate.fail(Refusal.timedOut, context)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { timeout?.cancel() }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? TLSUserEvent, case .handshakeCompleted(let negotiated) = event, !isDone {
      guard negotiated == "h2" else { return fail(Refusal.noHTTP2(negotiated), context) }
      isDone = true
      timeout?.cancel()
      do {
        try open(context)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
      } catch {
        refuse(error)
        context.close(promise: nil)
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    isDone ? context.fireErrorCaught(error) : fail(error, context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    if !isDone { fail(ChannelError.eof, context) }
    context.fireChannelInactive()
  }

  private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
    guard !isDone else { return }
    isDone = true
    timeout?.cancel()
    refuse(error)
    context.close(promise: nil)
  }
}
