import BigInt
import FinancialMath

/// The installment that repays a principal in equal parts, before it is rounded:
/// E = P · Π(1 + f_i) / F_n with F_1 = 1 and F_i = F_{i−1} · (1 + f_i) + 1.
///
/// The fraction has tens of thousands of digits for a long loan. Two bounds of 128 bits nearly always round alike, and it
/// is computed only where they do not.
struct ExactInstallment {
  private let principal: Int64
  private let rates: PeriodRates
  /// 1 of the annuity factor, a power of two.
  private let one: UInt128
  /// The annuity factor P / E = F_n / Π(1 + f_i), from below and from above.
  private let annuity: (low: UInt128, high: UInt128)

  init(principal: Int64, rates: PeriodRates) {
    self.principal = principal
    self.rates = rates
    // a_i = (1 + a_{i+1}) / (1 + f_i) ≤ n, so that the products below fit. What a division cuts off only shrinks after.
    let unit = UInt128(rates.denominator)
    let count = UInt128(rates.numerators.count)
    one = 1 << UInt128(unit.leadingZeroBitCount + (count + 1).leadingZeroBitCount - 128)
    var low: UInt128 = 0
    var cuts: UInt128 = 0
    for numerator in rates.numerators.reversed() {
      let (quotient, rest) = ((one + low) * unit).quotientAndRemainder(dividingBy: unit + UInt128(numerator))
      low = quotient
      if rest > 0 { cuts += 1 }
    }
    annuity = (low, low + cuts)
  }

  /// The installment rounded once.
  func rounded(_ rounding: Rounding) throws(RoundingError) -> Int64 {
    let scaled = BigInt(principal) * BigInt(one)
    let low = try rounding.quotient(scaled, BigInt(annuity.high))
    if annuity.low > 0, try rounding.quotient(scaled, BigInt(annuity.low)) == low { return low }
    let exact = fraction
    return try rounding.quotient(exact.numerator, exact.denominator)
  }

  /// The exact fraction.
  var fraction: (numerator: BigInt, denominator: BigInt) {
    // With D the denominator: G_i = F_i · D^(i−1), so G_i = G_{i−1} · (D + a_i) + D^(i−1).
    let unit = BigInt(rates.denominator)
    var product = BigInt(1)
    var factor = BigInt(0)
    var power = BigInt(1)
    for (index, numerator) in rates.numerators.enumerated() {
      let growth = unit + BigInt(numerator)
      product *= growth
      if index == 0 {
        factor = 1
      } else {
        power *= unit
        factor = factor * growth + power
      }
    }
    return (BigInt(principal) * product, unit * factor)
  }
}
