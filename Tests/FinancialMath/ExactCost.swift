import BigInt
import FinancialMath

/// The defining equations of an annualized cost in integers of any size, without a rounding.
struct ExactCost {
  var advance: Int64
  var payments: [AnnualizedCost.Payment]
  var oddPart: Ratio
  var periodsPerYear: Ratio

  /// Whether the rates are the right ones to the last digit, half up.
  func confirms(_ cost: AnnualizedCost) -> Bool {
    confirms(nominal: cost.nominal.e8) && confirms(effective: cost.effective.e8, near: cost.nominal.e8)
  }

  /// i = (2 n − 1) / 2e8 · q / p is reached, and i = (2 n + 1) / 2e8 · q / p is not.
  func confirms(nominal e8: Int64) -> Bool {
    isReached(halves: 2 * e8 - 1) && !isReached(halves: 2 * e8 + 1)
  }

  /// v by halving an interval around the nominal rate; then (1 + (2 n − 1) / 2e8)^q ≤ (1 / v)^p, and not for n + 1.
  private func confirms(effective e8: Int64, near nominal: Int64) -> Bool {
    let bits = 160
    func factor(halves: Int64) -> BigInt { (BigInt(growth(halves: 0)) << bits) / BigInt(growth(halves: halves)) }
    var low = factor(halves: 2 * nominal + 1) - 1
    var high = nominal == 0 ? BigInt(1) << bits : factor(halves: 2 * nominal - 1) + 1
    guard !isReached(low, BigInt(1) << bits) else { return false }
    while high - low > 1 {
      let middle = (low + high) >> 1
      if isReached(middle, BigInt(1) << bits) { high = middle } else { low = middle }
    }
    func compounds(toHalves halves: Int64, _ discount: BigInt) -> Bool {
      let unit = BigInt(2 * Rate.unitsPerOne)
      let (p, q) = (Int(periodsPerYear.numerator), Int(periodsPerYear.denominator))
      return (unit + BigInt(halves)).power(q) * discount.power(p) <= unit.power(q) << (bits * p)
    }
    return compounds(toHalves: 2 * e8 - 1, high) && !compounds(toHalves: 2 * e8 + 1, low)
  }

  /// 1 + i over one denominator, for a nominal rate in halves of 1e-8.
  private func growth(halves: Int64) -> Int64 {
    2 * Rate.unitsPerOne * periodsPerYear.numerator + halves * periodsPerYear.denominator
  }

  private func isReached(halves: Int64) -> Bool {
    isReached(BigInt(growth(halves: 0)), BigInt(growth(halves: halves)))
  }

  /// Whether the payments, discounted by `factor / scale` a period, are worth at least the advance:
  /// Σ payment · v^(t + 1) ≥ advance · (f + (1 − f) · v), times scale^(t_last + 1) and the denominator of f.
  private func isReached(_ factor: BigInt, _ scale: BigInt) -> Bool {
    var (value, unit) = (BigInt(0), BigInt(1))
    var period = payments.last?.period ?? 0
    for payment in payments.reversed() {
      let gap = Int(period - payment.period)
      value = value * factor.power(gap)
      unit *= scale.power(gap)
      value += BigInt(payment.amount) * unit
      period = payment.period
    }
    value *= factor.power(Int(period) + 1)
    unit *= scale.power(Int(period))
    let (a, b) = (BigInt(oddPart.numerator), BigInt(oddPart.denominator))
    return value * b >= BigInt(advance) * (a * scale + (b - a) * factor) * unit
  }
}
