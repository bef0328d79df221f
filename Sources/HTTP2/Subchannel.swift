import NIOCore
import RPC

/// One address of a server: the connection to it, the attempt to make one, or the wait after an attempt that failed. Belongs
/// to the channel's loop.
final class Subchannel: @unchecked Sendable {
  let address: SocketAddress
  private let connector: Connector
  private let loop: any EventLoop
  private unowned let balancer: Balancer
  private var reconnection: Reconnection
  private(set) var isConnecting = false
  private(set) var connection: ClientConnection?
  private var connectedAt = NIODeadline.uptimeNanoseconds(0)
  /// The name has moved elsewhere.
  private var isRetired = false

  init(_ address: SocketAddress, connector: Connector, backoff: Backoff, balancer: Balancer) {
    self.address = address
    self.connector = connector
    self.balancer = balancer
    loop = connector.executor.eventLoop
    reconnection = Reconnection(backoff)
  }

  /// The time until the next attempt may be made; nil when that is now.
  var wait: TimeAmount? { reconnection.hold(now: .now())?.wait }

  /// Begins to connect. False when there is nothing to begin.
  func connect() -> Bool {
    guard connection == nil, !isConnecting, wait == nil else { return false }
    isConnecting = true
    connector.connect(to: address).whenComplete { result in
      self.isConnecting = false
      switch result {
      case .success(let connection): self.connected(connection)
      case .failure(let error):
        let error = error as? RPCError ?? RPCError(.unavailable, "\(error)")
        self.reconnection.failed(error, now: .now())
        if !self.isRetired { self.balancer.failed(error) }
      }
    }
    return true
  }

  /// Lets calls that run end, and makes no more connections.
  func retire() {
    isRetired = true
    connection?.retire()
  }

  private func connected(_ connection: ClientConnection) {
    guard !isRetired else { return connection.close() }
    reconnection.succeeded()
    connectedAt = .now()
    self.connection = connection
    connection.whenRetired = { [self] in
      self.connection = nil
      if !isRetired { balancer.lost(connection, after: .now() - connectedAt) }
    }
    balancer.connected(self, connection)
  }
}
