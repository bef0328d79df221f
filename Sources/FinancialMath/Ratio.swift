/// An exact fraction of two integers, for counts that need not be whole: parts of a period, periods in a year.
public struct Ratio: Sendable, Hashable {
  public let numerator: Int64
  /// At least 1 where the ratio is used.
  public let denominator: Int64

  public init(_ numerator: Int64, over denominator: Int64 = 1) {
    self.numerator = numerator
    self.denominator = denominator
  }

  public static let zero = Ratio(0)

  /// The same ratio without a common divisor; both parts must be at least 0, and one of them positive.
  var inLowestTerms: Ratio {
    let divisor = Ratio.greatestCommonDivisor(numerator, denominator)
    return Ratio(numerator / divisor, over: denominator / divisor)
  }

  /// Both arguments are at least 0, and one of them is positive.
  public static func greatestCommonDivisor(_ left: Int64, _ right: Int64) -> Int64 {
    var (left, right) = (left, right)
    while right != 0 { (left, right) = (right, left % right) }
    return left
  }
}
