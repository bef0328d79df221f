import BigInt

/// The yearly cost of a loan, all payments counted over the principal that is really outstanding: the rate at which
/// the advance and the payments are worth the same.
///
/// PBoC announcement [2021] No. 3 asks for it on every offer. The rate i of a unit period solves the equation of the
/// actuarial method of US Regulation Z, 12 CFR 1026, Appendix J, (b)(8),
///
///     advance = Σ payment / ((1 + f · i) · (1 + i)^t)
///
/// where a payment falls due after the part f of a unit period, which bears simple interest, and t whole ones.
public struct AnnualizedCost: Sendable, Hashable {
  /// A payment of the borrower.
  public struct Payment: Sendable, Hashable {
    /// Whole unit periods from the start, after the odd part of one; payments come in this order.
    public var period: Int32
    /// Minor units: positive from the borrower, negative for a further advance.
    public var amount: Int64

    public init(period: Int32, amount: Int64) {
      self.period = period
      self.amount = amount
    }
  }

  public enum Failure: Error, Sendable, Hashable {
    /// More than one rate may fit, and none is better than the other.
    case ambiguous
    /// The borrower pays back less than was lent, or the amounts are not those of a loan.
    case undefined
    /// A rate does not fit in 64 bits of 1e-8, or the amounts and periods together in the arithmetic.
    case overflow
  }

  /// i × the unit periods of a year.
  public let nominal: Rate
  /// (1 + i)^(the unit periods of a year) − 1.
  public let effective: Rate

  /// Both rates are rounded once to 1e-8, half up; an exact value within about 2^-40 of a half counts as that half.
  ///
  /// - Parameters:
  ///   - advance: What the borrower gets at the start, fees kept back already deducted, in minor units.
  ///   - oddPart: f, the part of a unit period before the whole ones begin, from 0 to less than 1.
  ///   - periodsPerYear: 12 for months, 12 / 3 for quarters, 365 / n for n days.
  public init(
    advance: Int64, payments: [Payment], oddPart: Ratio = .zero, periodsPerYear: Ratio
  ) throws(Failure) {
    guard let last = payments.last, payments.allSatisfy({ $0.period >= 0 }),
      zip(payments, payments.dropFirst()).allSatisfy({ $0.period <= $1.period }),
      oddPart.numerator >= 0, oddPart.numerator < oddPart.denominator,
      periodsPerYear.numerator > 0, periodsPerYear.denominator > 0
    else { throw .undefined }
    // One positive rate at most fits where the flows change their sign once (Descartes), or their running sum does
    // (Norstrom).
    var (flows, sums) = (SignChanges(), SignChanges())
    var sum = Int128(advance)
    flows.add(sum)
    sums.add(sum)
    for payment in payments {
      sum -= Int128(payment.amount)
      flows.add(-Int128(payment.amount))
      sums.add(sum)
    }
    guard flows.count > 0 else { throw .undefined }
    guard flows.count == 1 || sums.count == 1 else { throw .ambiguous }
    guard advance > 0, last.amount > 0, sum <= 0 else { throw .undefined }
    guard sum < 0 else {
      (nominal, effective) = (.zero, .zero)
      return
    }
    let equation = try ValueEquation(advance: advance, payments: payments, oddPart: oddPart.inLowestTerms)
    let discount = try equation.discountFactor()
    let frequency = periodsPerYear.inLowestTerms
    nominal = try AnnualizedCost.nominal(discount, frequency)
    effective = try AnnualizedCost.effective(discount, frequency)
  }

  // MARK: -

  /// How often the numbers of a sequence change their sign.
  private struct SignChanges {
    private(set) var count = 0
    private var last: Int128 = 0

    mutating func add(_ value: Int128) {
      let sign = value.signum()
      guard sign != 0 else { return }
      if last != 0, sign != last { count += 1 }
      last = sign
    }
  }

  /// (1 / v − 1) × the periods of a year.
  private static func nominal(_ discount: Int128, _ frequency: Ratio) throws(Failure) -> Rate {
    let scale = BigInt(Rate.unitsPerOne) * BigInt(frequency.numerator)
    do throws(RoundingError) {
      return Rate(
        e8: try Rounding(.halfUp).quotient(
          BigInt(ValueEquation.one - discount) * scale, BigInt(discount) * BigInt(frequency.denominator)))
    } catch {
      throw .overflow
    }
  }

  /// The greatest rate X, less a half of its unit, that a period's growth compounded over a year reaches:
  /// (1 + X − ½)^q ≤ (1 / v)^p for p / q periods in a year.
  private static func effective(_ discount: Int128, _ frequency: Ratio) throws(Failure) -> Rate {
    let one = UInt128(ValueEquation.one)
    let year = DirectedNumber(UInt128(discount), over: one, .down).power(frequency.numerator, .down)
    func isReached(_ e8: Int64) -> Bool {
      guard e8 > 0 else { return true }
      let doubled = 2 * UInt128(Rate.unitsPerOne)
      let factor = DirectedNumber(doubled, over: doubled + 2 * UInt128(e8) - 1, .up)
      return factor.power(frequency.denominator, .up) >= year
    }
    var (reached, beyond) = (Int64(0), Int64(1))
    while isReached(beyond) {
      guard beyond <= Int64.max / 2 else { throw .overflow }
      (reached, beyond) = (beyond, 2 * beyond)
    }
    while beyond - reached > 1 {
      let middle = reached + (beyond - reached) / 2
      if isReached(middle) { reached = middle } else { beyond = middle }
    }
    return Rate(e8: reached)
  }
}
