/// Judges what a peer sends that carries no call forward, and what it makes this side send.
struct PeerConduct: Sendable {
  /// Frames that a peer may send for each frame with content, in either direction.
  private static let creditPerFrame = 2
  /// A peer may acknowledge what it gets in pieces as small as this with a frame each.
  private static let bytesPerCredit = 64
  /// A peer may have a window of frames of this size under way when its stream is reset.
  private static let bytesPerLateFrame = 1 << 10

  private var idleFrames: TokenBucket
  private var resets: TokenBucket
  private var provokedResets: TokenBucket
  private var pings: PingPolicy
  private var answered = Session.SentContent()
  /// Frames that may yet answer what this side sent, which can be a whole window's worth at a time.
  private var answers = 0
  private let lateFramesPerReset: Int
  /// Frames that were judged one by one.
  private var reportedCount = 0
  /// Frames that were judged without their kind being known.
  private var unreportedCount = 0

  init(limits: Limits, now: UInt64) {
    idleFrames = TokenBucket(burst: limits.idleFrameBurst, perSecond: limits.idleFramesPerSecond, now: now)
    resets = TokenBucket(burst: limits.peerResetBurst, perSecond: limits.peerResetsPerSecond, now: now)
    provokedResets = TokenBucket(burst: limits.provokedResetBurst, perSecond: limits.provokedResetsPerSecond, now: now)
    pings = PingPolicy(limits: limits)
    lateFramesPerReset = limits.streamWindowBytes / PeerConduct.bytesPerLateFrame
  }

  /// A frame came in that nghttp2 reports; `sent` is all that went out on the connection so far. Gives the reason to end
  /// the connection, if there is one. `now` in nanoseconds.
  mutating func receive(
    _ frame: Session.ControlFrame,
    sent: Session.SentContent,
    hasCalls: Bool,
    now: UInt64
  ) -> ConnectionEnd? {
    reportedCount &+= 1
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
    case .settings, .goAway, .idle:
      credit(sent)
    }
    return takeIdle(1, now: now)
  }

  /// A read is over, with `count` frames so far. What nghttp2 did not report of them does nothing: it is invalid, of a type
  /// that nobody knows, on a stream that is closed, or continues a block of headers. Gives the reason to end the
  /// connection, if there is one. `now` in nanoseconds.
  mutating func settle(frameCount count: Int, sent: Session.SentContent, now: UInt64) -> ConnectionEnd? {
    // Fewer than before when a block of headers has ended: it is reported as a whole.
    let unreported = count &- reportedCount &- unreportedCount
    guard unreported > 0 else { return nil }
    unreportedCount &+= unreported
    credit(sent)
    return takeIdle(unreported, now: now)
  }

  /// A RST_STREAM goes out, which the peer does not know of for a while.
  mutating func provokeReset(now: UInt64) -> ConnectionEnd? {
    answers &+= lateFramesPerReset
    return provokedResets.take(now: now) ? nil : .tooManyProvokedResets
  }

  private mutating func takeIdle(_ count: Int, now: UInt64) -> ConnectionEnd? {
    let answered = min(count, answers)
    answers -= answered
    return idleFrames.take(count - answered, now: now) ? nil : .tooManyIdleFrames
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
