import Testing

@testable import HTTP2

@Suite("What a peer may do")
struct PeerConductTests {
  private static let second: UInt64 = 1_000_000_000

  private func conduct(_ change: (inout Limits) -> Void) -> PeerConduct {
    var limits = Limits()
    change(&limits)
    return PeerConduct(limits: limits, now: 0)
  }

  /// How many of `count` such frames pass.
  private func passing(
    _ conduct: inout PeerConduct,
    _ frame: Session.ControlFrame,
    _ count: Int,
    sent: Session.SentContent = .init(),
    now: UInt64 = 0
  ) -> Int {
    for passed in 0..<count where conduct.receive(frame, sent: sent, hasCalls: true, now: now) != nil { return passed }
    return count
  }

  @Test func idleFramesAreRationed() {
    var conduct = conduct {
      $0.idleFrameBurst = 100
      $0.idleFramesPerSecond = 10
    }
    #expect(passing(&conduct, .idle, 1_000) == 100)
    #expect(passing(&conduct, .idle, 1_000, now: 2 * Self.second) == 20)
    #expect(conduct.receive(.content, sent: .init(), hasCalls: true, now: 2 * Self.second) == nil)
    #expect(passing(&conduct, .idle, 1_000, now: 2 * Self.second) == 2)
  }

  @Test func whoFollowsALongStreamMayAnswerIt() {
    var conduct = conduct {
      $0.idleFrameBurst = 10
      $0.idleFramesPerSecond = 0
      $0.maxPingStrikes = 0
    }
    // A client that sends nothing but a WINDOW_UPDATE for stream and connection, and a PING now and then.
    for turn in 1...100_000 {
      let sent = Session.SentContent(frameCount: turn, byteCount: turn * 128)
      for frame in [Session.ControlFrame.idle, .idle, turn % 10 == 0 ? .ping : .idle] {
        #expect(conduct.receive(frame, sent: sent, hasCalls: true, now: 0) == nil)
      }
    }
    // What was sent is credited once, and late answers count as well: two for a frame and one for 64 bytes, less those
    // that have come.
    let sent = Session.SentContent(frameCount: 100_000, byteCount: 12_800_000)
    #expect(passing(&conduct, .idle, 1_000_000, sent: sent) == 200_000 + 200_000 - 300_000 + 10)
  }

  @Test func pingsNeedTheirTime() {
    var policy = PingPolicy(limits: Limits())
    let accepted = (1...100).map { policy.accept(now: $0 * 10 * Self.second - 5_000_000 * ($0 % 2), hasCalls: true) }
    #expect(!accepted.contains(false), "a keepalive of ten seconds, moved by the network")
    let early = [1_001, 1_002, 1_003].map { policy.accept(now: $0 * Self.second, hasCalls: true) }
    #expect(early == [true, true, false])
    policy.reset()
    let idle = [1_003, 1_103, 1_203, 1_303].map { policy.accept(now: $0 * Self.second, hasCalls: false) }
    #expect(idle == [true, true, true, false], "without calls the interval is five minutes")
  }

  /// Frames on closed streams, of unknown types and the like, which nghttp2 passes over.
  @Test func unreportedFramesAreCountedOnce() {
    var conduct = conduct {
      $0.idleFrameBurst = 100
      $0.idleFramesPerSecond = 0
    }
    func settle(_ count: Int) -> Bool { conduct.settle(frameCount: count, sent: .init(), now: 0) == nil }
    #expect(passing(&conduct, .idle, 40) == 40)
    #expect(settle(40), "all of them were reported")
    #expect(settle(90) && settle(90))
    // A block of headers that is not complete, and then is, with its continuation.
    #expect(settle(91))
    #expect(conduct.receive(.content, sent: .init(), hasCalls: true, now: 0) == nil)
    #expect(settle(92) && settle(101))
    // 40 reported, 60 not, and two earned.
    #expect(settle(103))
    #expect(!settle(104))
  }

  @Test func whatIsUnderWayWhenAStreamIsResetMayCome() {
    var conduct = conduct {
      $0.idleFrameBurst = 10
      $0.idleFramesPerSecond = 0
      $0.streamWindowBytes = 64 << 10
    }
    #expect(conduct.provokeReset(now: 0) == nil)
    #expect(conduct.settle(frameCount: 64 + 10, sent: .init(), now: 0) == nil)
    #expect(conduct.settle(frameCount: 64 + 11, sent: .init(), now: 0) != nil)
  }

  @Test func resetsAreRationed() {
    var conduct = conduct {
      $0.peerResetBurst = 5
      $0.provokedResetBurst = 7
    }
    #expect(passing(&conduct, .reset, 100) == 5)
    #expect((0..<100).prefix { _ in conduct.provokeReset(now: 0) == nil }.count == 7)
  }
}
