import Testing

@testable import HTTP2

/// What becomes of a connection as time goes by, without waiting for it.
@Suite("A connection by the clock")
struct ConnectionLifeTests {
  private func life(_ change: (inout Limits) -> Void = { _ in }, jitter: Double = 0) -> ConnectionLife {
    var limits = Limits()
    change(&limits)
    var life = ConnectionLife(limits: limits, now: 0, ageJitter: jitter)
    life.handshakeDone = true
    return life
  }

  private func name(_ action: ConnectionLife.Action) -> String {
    switch action {
    case .nothing: "nothing"
    case .ping: "ping"
    case .drain: "drain"
    case .end(let end): "\(end.reason)"
    }
  }

  /// What happens at a second.
  private func act(
    _ life: inout ConnectionLife,
    at second: Double,
    calls: Bool = false,
    taken: Int = 0,
    waiting: Int = 0
  ) -> String {
    let observation = ConnectionLife.Observation(
      now: UInt64(second * 1e9), hasCalls: calls, takenBytes: taken, waitingBytes: waiting)
    return name(life.act(on: observation))
  }

  @Test func handshake() {
    var life = life { $0.handshakeTimeoutSeconds = 10 }
    life.handshakeDone = false
    #expect(act(&life, at: 10) == "nothing")
    #expect(act(&life, at: 10.1) == "handshake_timeout")
    life.handshakeDone = true
    #expect(act(&life, at: 20) == "nothing")
  }

  @Test func idleMeansWithoutCalls() {
    var life = life { $0.idleTimeoutSeconds = 100 }
    #expect(act(&life, at: 90, calls: true) == "nothing")
    #expect(act(&life, at: 190) == "nothing")
    #expect(act(&life, at: 190.1) == "drain")
    #expect(act(&life, at: 191) == "nothing", "once is enough")
  }

  @Test func stalledWrite() {
    var life = life { $0.stalledWriteTimeoutSeconds = 60 }
    #expect(act(&life, at: 1_000) == "nothing", "nothing waits to be written")
    #expect(act(&life, at: 1_060, waiting: 1) == "nothing")
    #expect(act(&life, at: 1_061, waiting: 1) == "stalled_write")
  }

  @Test func aByteNowAndThenIsAStalledWriteToo() {
    let limits: (inout Limits) -> Void = {
      $0.stalledWriteTimeoutSeconds = 60
      $0.minResponseBytesPerSecond = 240
    }
    var trickle = life(limits)
    let ends = (1...61).map { act(&trickle, at: Double($0), taken: $0 * 200, waiting: 1_000_000) }
    #expect(ends == [String](repeating: "nothing", count: 60) + ["stalled_write"])
    // Slow, but fast enough.
    var slow = life(limits)
    #expect((1...1_000).allSatisfy { act(&slow, at: Double($0), taken: $0 * 250, waiting: 1_000_000) == "nothing" })
    // Whoever takes all that there is has done enough, however little that is.
    var little = life(limits)
    #expect((1...1_000).allSatisfy { act(&little, at: Double($0), taken: $0, waiting: $0 % 60) == "nothing" })
    var lenient = life {
      limits(&$0)
      $0.minResponseBytesPerSecond = 0
    }
    #expect((1...1_000).allSatisfy { act(&lenient, at: Double($0), taken: $0, waiting: 1) == "nothing" })
  }

  @Test func keepalive() {
    var life = life {
      $0.keepaliveIntervalSeconds = 100
      $0.keepaliveTimeoutSeconds = 20
    }
    #expect(act(&life, at: 100) == "nothing")
    #expect(act(&life, at: 101) == "ping")
    #expect(act(&life, at: 102) == "nothing")
    life.lastReadAt = 103_000_000_000
    #expect(act(&life, at: 150) == "nothing")
    #expect(act(&life, at: 204) == "ping")
    #expect(act(&life, at: 224) == "nothing")
    #expect(act(&life, at: 225) == "keepalive_timeout")
  }

  @Test func whoeverMayNotPingDoesNotEndEither() {
    var life = life { $0.keepaliveIntervalSeconds = 100 }
    let silent = ConnectionLife.Observation(now: 1_000_000_000_000, mayPing: false)
    #expect(name(life.act(on: silent)) == "nothing")
    #expect(act(&life, at: 1_000) == "ping")
  }

  @Test func age() {
    var life = life {
      $0.maxConnectionAgeSeconds = 1_000
      $0.maxConnectionAgeGraceSeconds = 60
    }
    #expect(act(&life, at: 1_000, calls: true) == "nothing")
    #expect(act(&life, at: 1_001, calls: true) == "drain")
    #expect(act(&life, at: 1_061, calls: true) == "nothing")
    #expect(act(&life, at: 1_062, calls: true) == "max_age")
  }

  @Test func ageIsSpread() {
    for (jitter, due) in [(-1.0, 900.0), (1.0, 1_100.0)] {
      var life = life({ $0.maxConnectionAgeSeconds = 1_000 }, jitter: jitter)
      #expect(act(&life, at: due - 1, calls: true) == "nothing")
      #expect(act(&life, at: due + 1, calls: true) == "drain")
    }
  }

  @Test func noTimeIsNoLimit() {
    var life = life { limits in
      for name in limits.values().keys where name.hasSuffix("Seconds") {
        if let setting = try? LimitSetting("\(name)=0") { limits.set([setting]) }
      }
    }
    life.handshakeDone = false
    #expect(act(&life, at: 1e9, waiting: 1) == "nothing")
  }
}
