/// Judges what a peer sends that carries no call forward, and what it makes this side send.
struct PeerConduct: Sendable {
  /// Frames that a peer may send for each frame with content, in either direction.
  private static let creditPerFrame = 2
  /// A peer may acknowledge what it gets in pieces as small as this with a frame each.
  private static let bytesPerCredit = 64

  private var idleFrames: TokenBucket
  private var resets: TokenBucket
  private var provokedResets: TokenBucket
  private var pings: PingPolicy
  private var answered = Session.SentContent()
  /// Frames that may yet answer what this side sent, which can be a whole window's worth at a time.
  private var answers = 0

  init(limits: Limits, now: UInt64) {
    idleFrames = TokenBucket(burst: limits.idleFrameBurst, perSecond: limits.idleFramesPerSecond, now: now)
    resets = TokenBucket(burst: limits.peerResetBurst, perSecond: limits.peerResetsPerSecond, now: now)
    provokedResets = TokenBucket(burst: limits.provokedResetBurst, perSecond: limits.provokedResetsPerSecond, now: now)
    pings = PingPolicy(limits: limits)
  }

  /// A frame came in; `sent` is all that went out on the connection so far. Gives the reason to end the connection, if
  /// there is one. `now` in nanoseconds.
  mutating func receive(
    _ frame: Session.ControlFrame,
    sent: Session.SentContent,
    hasCalls: Bool,
    now: UInt64
  ) -> ConnectionEnd? {
    switch frame {
    case .content:
      idleFrames.earn(PeerConduct.creditPerFrame)
      pings.reset()
      return nil
    case .reset:
      return resets.take(now: now) ? nil : .tooManyResets
    case .ping:
      credit(sent)
      guard pings.accept(now: now, hasCalls: hasCalls) else { return .tooManyPings }
    case .settings, .goAway, .settingsAcknowledgment, .pingAcknowledgment, .idle, .invalid:
      credit(sent)
    }
    if answers > 0 {
      answers -= 1
      return nil
    }
    return idleFrames.take(now: now) ? nil : .tooManyIdleFrames
  }

  /// A RST_STREAM goes out.
  mutating func provokeReset(now: UInt64) -> ConnectionEnd? {
    provokedResets.take(now: now) ? nil : .tooManyProvokedResets
  }

  /// What went out since the last time. A client that follows a long stream sends nothing but answers to it.
  private mutating func credit(_ sent: Session.SentContent) {
    guard sent != answered else { return }
    let frames = sent.frameCount &- answered.frameCount
    let bytes = sent.byteCount &- answered.byteCount
    answered = sent
    answers &+= frames &* PeerConduct.creditPerFrame &+ bytes / PeerConduct.bytesPerCredit
    pings.reset()
  }
}
