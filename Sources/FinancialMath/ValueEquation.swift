/// The equation that a loan's discount factor v = 1 / (1 + i) solves, times v · (1 + f · i):
///
///     Σ payment · v^(t + 1) = advance · (f + (1 − f) · v)
///
/// Amounts are integers of a binary fraction of a minor unit that is as fine as 128 bits allow, and v is one of 2^-126.
/// Every product is rounded toward zero, and what that adds up to is known.
struct ValueEquation {
  /// 1 as a discount factor.
  static let one = Int128(1) << Int128(fractionBits)
  private static let fractionBits = 126

  private let payments: [AnnualizedCost.Payment]
  /// Binary digits of an amount below the minor unit.
  private let amountBits: Int128
  /// advance · f
  private let fixedAdvance: Int128
  /// advance · (1 − f)
  private let discountedAdvance: Int128
  /// By how much the sides of the equation may be off, at most.
  private let error: Int128

  /// - Parameter oddPart: f in lowest terms.
  /// - Throws: `overflow` when the amounts and periods leave too few bits for a rate to 1e-8.
  init(advance: Int64, payments: [AnnualizedCost.Payment], oddPart: Ratio) throws(AnnualizedCost.Failure) {
    self.payments = payments
    let terms = Int128(payments.last?.period ?? 0) + Int128(payments.count) + 2
    // A slope is an amount times a time at most, and an odd part multiplies the advance by its numerator first.
    let total = payments.reduce(UInt128(advance.magnitude)) { $0 + UInt128($1.amount.magnitude) }
    let headroom = max(UInt128(terms), UInt128(oddPart.denominator))
    amountBits = Int128(total.leadingZeroBitCount + headroom.leadingZeroBitCount - 128 - 3)
    guard amountBits >= 40 else { throw .overflow }
    let (numerator, denominator) = (Int128(oddPart.numerator), Int128(oddPart.denominator))
    let scaled = Int128(advance) << amountBits
    fixedAdvance = scaled * numerator / denominator
    discountedAdvance = scaled - fixedAdvance
    error = 4 * terms
  }

  /// The greatest factor known to be at most the solution; it differs from it by rounding only.
  ///
  /// Newton's method for the inverse ratio of the sides, which is nearly linear in i, within a bracket that is halved
  /// where a step leaves it.
  ///
  /// - Throws: `overflow` when the factor is too small for the arithmetic, the rate beyond all bounds.
  func discountFactor() throws(AnnualizedCost.Failure) -> Int128 {
    var (low, high) = (Int128(0), ValueEquation.one)
    var discount = high
    var turn = 0
    while high - low > 1 {
      let sides = sides(at: discount)
      if sides.difference.magnitude <= error.magnitude {
        // Nearer than the arithmetic sees: as far below as the solution can be.
        guard sides.slope > 0, let margin = quotient(discount, 4 * error, sides.slope) else { throw .overflow }
        low = max(low, discount - margin - 1)
        break
      }
      if sides.difference > 0 { high = discount } else { low = discount }
      turn += 1
      // Every fourth step halves the bracket, whatever the others do.
      if turn % 4 != 0, let next = sides.nextFactor(after: discount), low < next, next < high {
        discount = next
      } else {
        discount = low + (high - low) / 2
      }
    }
    guard low > 0 else { throw .overflow }
    return low
  }

  /// Both sides at a factor, and what they change by with its logarithm.
  private struct Sides {
    var payments: Int128
    var paymentsSlope: Int128
    var advance: Int128
    var advanceSlope: Int128

    var difference: Int128 { payments - advance }
    var slope: Int128 { paymentsSlope - advanceSlope }

    /// With ρ the ratio of the sides and κ its elasticity, v · κ / (κ + ρ − 1); nil where that leaves the range.
    func nextFactor(after discount: Int128) -> Int128? {
      guard payments > 0, paymentsSlope > 0, let scaled = quotient(paymentsSlope, advance, payments),
        scaled <= ValueEquation.one  // so that the sum below fits
      else { return nil }
      let divisor = scaled - advanceSlope + difference
      guard divisor > 0, let step = quotient(discount, Int128(difference.magnitude), divisor) else { return nil }
      return difference > 0 ? discount - step : discount + step
    }
  }

  /// By Horner's rule, from the last payment to the first.
  private func sides(at discount: Int128) -> Sides {
    var (value, slope) = (Int128(0), Int128(0))
    var period = payments.last?.period ?? 0
    func discountBack(_ periods: Int32) {
      guard periods > 0 else { return }
      let factor = periods == 1 ? discount : ValueEquation.power(discount, periods)
      value = ValueEquation.product(value, factor)
      slope = ValueEquation.product(slope, factor) + Int128(periods) * value
    }
    for payment in payments.reversed() {
      discountBack(period - payment.period)
      period = payment.period
      value += Int128(payment.amount) << amountBits
    }
    discountBack(period)
    discountBack(1)
    let discounted = ValueEquation.product(discountedAdvance, discount)
    return Sides(
      payments: value, paymentsSlope: slope, advance: fixedAdvance + discounted, advanceSlope: discounted)
  }

  /// amount · factor, for a factor of 1 at most. Four products of halves are several times as fast as the generic
  /// `multipliedFullWidth(by:)` of 128 bits.
  private static func product(_ amount: Int128, _ factor: Int128) -> Int128 {
    func halves(_ value: UInt128) -> (high: UInt128, low: UInt128) { (value >> 64, value & UInt128(UInt64.max)) }
    let (left, right) = (halves(amount.magnitude), halves(factor.magnitude))
    let (outer, inner) = (halves(left.high &* right.low), halves(left.low &* right.high))
    let middle = halves(outer.low &+ inner.low &+ (left.low &* right.low) >> 64)
    let high = left.high &* right.high &+ outer.high &+ inner.high &+ middle.high
    let magnitude = Int128(
      truncatingIfNeeded: high << UInt128(128 - fractionBits) | middle.low >> UInt128(fractionBits - 64))
    return amount < 0 ? -magnitude : magnitude
  }

  private static func power(_ base: Int128, _ exponent: Int32) -> Int128 {
    var result = one
    var square = base
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result = product(result, square) }
      square = product(square, square)
      rest >>= 1
    }
    return result
  }
}

/// `left · right / divisor` rounded down, for positive numbers; nil where that does not fit.
private func quotient(_ left: Int128, _ right: Int128, _ divisor: Int128) -> Int128? {
  let product = left.magnitude.multipliedFullWidth(by: right.magnitude)
  guard product.high < divisor.magnitude else { return nil }
  return Int128(exactly: divisor.magnitude.dividingFullWidth(product).quotient)
}
