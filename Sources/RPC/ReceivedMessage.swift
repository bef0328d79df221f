/// A message that came in.
public struct ReceivedMessage: Sendable {
  public var bytes: [UInt8]
  /// Whether it was packed on its way.
  public var wasCompressed: Bool

  public init(bytes: [UInt8], wasCompressed: Bool = false) {
    self.bytes = bytes
    self.wasCompressed = wasCompressed
  }
}
