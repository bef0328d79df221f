/// What a message may cost while it is decoded.
public struct DecodingLimits: Sendable, Hashable {
  /// Levels of messages within messages; the outermost one does not count.
  public var maxDepth: Int
  /// Bytes of intermediate memory. A byte of input needs up to forty, so this also bounds empty sub-messages by the
  /// million.
  public var arenaBytes: Int

  public init(maxDepth: Int = 100, arenaBytes: Int = 64 * 1024 * 1024) {
    self.maxDepth = maxDepth
    self.arenaBytes = arenaBytes
  }

  /// 100 levels, 64 MiB.
  public static let `default` = DecodingLimits()

  /// protobuf-c takes about 1 KiB of stack a level, so there is an end to what may be asked for.
  static let deepestAllowed = 256

  var effectiveDepth: Int { min(max(0, maxDepth), Self.deepestAllowed) }
}
