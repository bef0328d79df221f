/// What the check of a message's rules may cost, and say.
public enum RuleLimits {
  /// Violations that are told of; the others are counted only.
  public static let reportedViolations = 50
  /// Bytes of the violations that are told of, in all: they travel in the trailers of a call, of which clients take 8 KiB.
  public static let reportedBytes = 3 << 10
  /// Bytes of a map's key that the way to a field repeats.
  public static let reportedKeyBytes = 64
  /// Instructions that a pattern may compile to. The generator refuses one that needs more.
  public static let patternInstructions = 10_000
  /// Groups within groups in a pattern. The generator refuses one that has more.
  public static let patternDepth = 100
  /// Steps of a match, of which each character takes one for every place in the pattern that it may be at. A text that
  /// needs more counts as one that does not match; this is some hundredths of a second.
  public static let patternSteps = 5_000_000
}
