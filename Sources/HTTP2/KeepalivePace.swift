import Logging
import RPC

/// How often the connections of a channel ask whether the server is there. Belongs to the channel's loop.
final class KeepalivePace: @unchecked Sendable {
  private let limits: ClientLimits
  private let logger: Logger
  /// 0 is never.
  private var intervalSeconds: Int

  init(_ limits: ClientLimits, logger: Logger) {
    self.limits = limits
    self.logger = logger
    let interval = limits.keepaliveIntervalSeconds
    intervalSeconds = interval > 0 ? max(interval, limits.minKeepaliveIntervalSeconds) : 0
  }

  /// How long a new connection lives.
  func life(now: UInt64) -> ConnectionLife {
    var limits = Limits()
    limits.idleTimeoutSeconds = self.limits.idleTimeoutSeconds
    limits.keepaliveIntervalSeconds = intervalSeconds
    limits.keepaliveTimeoutSeconds = self.limits.keepaliveTimeoutSeconds
    // The time to connect has its own limit, and calls that cannot be sent have their deadlines.
    limits.handshakeTimeoutSeconds = 0
    limits.stalledWriteTimeoutSeconds = 0
    return ConnectionLife(limits: limits, now: now)
  }

  /// The server has said that it was too often: later connections ask half as often.
  func slowDown(_ server: String) {
    intervalSeconds = min(intervalSeconds, LimitSetting.largestValue / 2) * 2
    logger.warning(
      "too many pings for the server", metadata: ["server": "\(server)", "interval_s": "\(intervalSeconds)"])
  }
}
