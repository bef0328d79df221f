/// A rate as an integer count of 1e-8: 4.35 % is 4 350 000. Never a binary fraction.
public struct Rate: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// 100 % in units of 1e-8.
  public static let unitsPerOne: Int64 = 100_000_000
  /// One basis point in units of 1e-8.
  public static let unitsPerBasisPoint: Int64 = 10_000

  /// The rate in units of 1e-8.
  public let e8: Int64

  public init(e8: Int64) { self.e8 = e8 }

  /// - Throws: `RateError.overflow`.
  public init(basisPoints: Int64) throws(RateError) {
    let (e8, overflow) = basisPoints.multipliedReportingOverflow(by: Rate.unitsPerBasisPoint)
    guard !overflow else { throw .overflow }
    self.e8 = e8
  }

  public static let zero = Rate(e8: 0)

  /// For instance a reference rate and its margin.
  public func adding(_ other: Rate) throws(RateError) -> Rate {
    let (sum, overflow) = e8.addingReportingOverflow(other.e8)
    guard !overflow else { throw .overflow }
    return Rate(e8: sum)
  }

  /// The rate times a factor, rounded once to 1e-8: a penalty of +50 % is `multiplied(by: 150, over: 100, …)`.
  public func multiplied(
    by numerator: Int64,
    over denominator: Int64,
    rounding mode: RoundingMode
  ) throws(RoundingError) -> Rate {
    Rate(e8: try Rounding(mode).quotient(Int128(e8) * Int128(numerator), Int128(denominator)))
  }

  public static func < (left: Rate, right: Rate) -> Bool { left.e8 < right.e8 }

  /// In percent without trailing zeros: `4.35 %`.
  public var description: String {
    let (whole, rest) = e8.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
    var decimals = String(String(rest + 1_000_000).dropFirst())
    while decimals.last == "0" { decimals.removeLast() }
    return (e8 < 0 ? "-" : "") + String(whole) + (decimals.isEmpty ? "" : "." + decimals) + " %"
  }
}

/// Why a rate could not be computed.
public enum RateError: Error, Sendable, Hashable, CustomStringConvertible {
  case overflow

  public var description: String { "the rate does not fit in 64 bits of 1e-8" }
}
