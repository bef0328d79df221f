import RPC

/// Decides by the clock what becomes of a connection. A value: it decides, and the connection does. Times are
/// nanoseconds of monotonic time.
struct ConnectionLife: Sendable {
  /// What a connection looks like at the moment.
  struct Observation: Sendable {
    var now: UInt64
    var hasCalls = false
    /// Bytes of what was written that the peer has taken, all told, and those that wait for it.
    var takenBytes = 0
    var waitingBytes = 0
    /// Whether a PING may be sent.
    var mayPing = true
  }

  enum Action: Sendable {
    case nothing
    /// Ask the peer whether it is there.
    case ping
    /// Ask the peer to open no more calls.
    case drain
    /// Tell the peer why, and end it.
    case end(ConnectionEnd)
  }

  private let handshakeDue: UInt64
  private let idleTimeout: UInt64
  private let keepaliveInterval: UInt64
  private let keepaliveTimeout: UInt64
  private let ageDue: UInt64
  private let ageGrace: UInt64

  /// The peer has sent its SETTINGS.
  var handshakeDone = false
  /// Bytes came in.
  var lastReadAt: UInt64
  /// A call was open.
  var lastCallAt: UInt64
  private var pace: ReadingPace
  private var takenBytes = 0
  private var pingedAt: UInt64?
  private var drainedAt: UInt64?

  /// `ageJitter` from -1 to 1 spreads the ends of connections that began together.
  init(limits: Limits, now: UInt64, ageJitter: Double = .random(in: -1...1)) {
    handshakeDue = now.addingClamped(Limits.nanoseconds(limits.handshakeTimeoutSeconds))
    idleTimeout = Limits.nanoseconds(limits.idleTimeoutSeconds)
    keepaliveInterval = Limits.nanoseconds(limits.keepaliveIntervalSeconds)
    keepaliveTimeout = Limits.nanoseconds(limits.keepaliveTimeoutSeconds)
    ageGrace = Limits.nanoseconds(limits.maxConnectionAgeGraceSeconds)
    let age = Limits.nanoseconds(limits.maxConnectionAgeSeconds)
    ageDue = age == .max ? .max : now.addingClamped(UInt64(Double(age) * (1 + ageJitter / 10)))
    lastReadAt = now
    pace = ReadingPace(limits: limits)
    lastCallAt = now
  }

  /// What is due now.
  mutating func act(on observation: Observation) -> Action {
    let now = observation.now
    if !handshakeDone, now > handshakeDue { return .end(.handshakeTimeout) }
    if isStalled(observation) { return .end(.stalledWrite) }
    if observation.hasCalls { lastCallAt = now }
    if let drainedAt {
      return now > ageDue && now &- drainedAt > ageGrace ? .end(.maxAge) : keepalive(observation)
    }
    if now > ageDue || now &- lastCallAt > idleTimeout {
      drainedAt = now
      return .drain
    }
    return keepalive(observation)
  }

  private mutating func isStalled(_ observation: Observation) -> Bool {
    let byteCount = observation.takenBytes &- takenBytes
    takenBytes = observation.takenBytes
    guard observation.waitingBytes > 0 else {
      pace.restart(now: observation.now)
      return false
    }
    pace.take(byteCount, now: observation.now)
    return pace.isStalled(now: observation.now)
  }

  private mutating func keepalive(_ observation: Observation) -> Action {
    let now = observation.now
    if let pingedAt {
      if lastReadAt > pingedAt {
        self.pingedAt = nil
      } else if now &- pingedAt > keepaliveTimeout {
        return .end(.keepaliveTimeout)
      }
      return .nothing
    }
    guard observation.mayPing, now &- lastReadAt > keepaliveInterval else { return .nothing }
    pingedAt = now
    return .ping
  }
}

extension Limits {
  /// A time in nanoseconds; 0 seconds are without end.
  static func nanoseconds(_ seconds: Int) -> UInt64 { nanoseconds(seconds, each: 1_000_000_000) }

  /// As for seconds, of milliseconds.
  static func nanoseconds(milliseconds: Int) -> UInt64 { nanoseconds(milliseconds, each: 1_000_000) }

  private static func nanoseconds(_ count: Int, each unit: UInt64) -> UInt64 {
    count > 0 ? UInt64(clamping: count).multipliedClamped(by: unit) : .max
  }
}

extension UInt64 {
  fileprivate func multipliedClamped(by other: UInt64) -> UInt64 {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}
