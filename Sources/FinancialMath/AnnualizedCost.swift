/// What a loan costs in a year, all payments counted over the principal that is really outstanding: the rate at which
/// what the borrower gets and what the borrower pays are worth the same.
///
/// PBoC announcement [2021] No. 3 asks for it on every offer; the nominal rate is the unit-period actuarial rate of US
/// Regulation Z, Appendix J, and the effective one is the rate of the EU formula.
public struct AnnualizedCost: Sendable, Hashable {
  /// A payment at the end of so many unit periods from the start.
  public struct Flow: Sendable, Hashable {
    /// Whole unit periods; the flows of a loan come in this order.
    public var period: Int
    /// Minor units: positive to the borrower, negative from the borrower.
    public var amount: Int64

    public init(period: Int, amount: Int64) {
      self.period = period
      self.amount = amount
    }
  }

  public enum Failure: Error, Sendable, Hashable {
    /// More than one rate may fit, and none is better than the other.
    case ambiguous
    /// The borrower pays back less than was lent, or the flows are no loan at all.
    case undefined
    case overflow
  }

  /// The rate of a unit period times the number of them in a year.
  public let nominal: Rate
  /// The rate of a unit period compounded over a year.
  public let effective: Rate

  /// The rate of the discount factor v = 1 / (1 + i) with Σ amount · v^period = 0, found by bisection to 2^-60 and rounded
  /// once to 1e-8, half up.
  ///
  /// - Parameter periodsPerYear: 12 for months, 365 for days.
  public init(_ flows: [Flow], periodsPerYear: Int) throws(Failure) {
    guard let first = flows.first, let last = flows.last, periodsPerYear > 0,
      zip(flows, flows.dropFirst()).allSatisfy({ $0.period <= $1.period }),
      AnnualizedCost.signChanges(flows.map(\.amount)) > 0
    else { throw .undefined }
    guard try AnnualizedCost.hasOneRate(flows) else { throw .ambiguous }
    guard first.amount > 0, last.amount < 0 else { throw .undefined }
    // At v = 1 the interest-free loan is worth nothing, and any that costs something less than that.
    let one = UInt64(1) << AnnualizedCost.fractionBits
    guard try AnnualizedCost.value(of: flows, at: one) <= 0 else { throw .undefined }
    var low: UInt64 = 0
    var high = one
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if try AnnualizedCost.value(of: flows, at: middle) > 0 { low = middle } else { high = middle }
    }
    // Here low < v ≤ high: the rate i = 1 / v - 1 at `high` is the lower of two that differ by less than what is kept.
    (nominal, effective) = try AnnualizedCost.rates(discount: high, periodsPerYear: periodsPerYear)
  }

  // MARK: -

  private static let fractionBits: UInt64 = 60
  /// Amounts are kept to 2^-24 of a minor unit while they are discounted.
  private static let amountBits: Int128 = 24

  /// Whether one positive rate at most fits: the flows change their sign once (Descartes), or their running sum does
  /// (Norstrom).
  private static func hasOneRate(_ flows: [Flow]) throws(Failure) -> Bool {
    var sums: [Int64] = []
    for flow in flows {
      let (sum, overflow) = (sums.last ?? 0).addingReportingOverflow(flow.amount)
      guard !overflow else { throw .overflow }
      sums.append(sum)
    }
    return signChanges(flows.map(\.amount)) == 1 || signChanges(sums) == 1
  }

  private static func signChanges(_ values: [Int64]) -> Int {
    let signs = values.lazy.filter { $0 != 0 }.map { $0 > 0 }
    return zip(signs, signs.dropFirst()).count { $0 != $1 }
  }

  /// Σ amount · v^period by Horner's rule from the last flow to the first, in units of 2^-24 of a minor unit.
  private static func value(of flows: [Flow], at discount: UInt64) throws(Failure) -> Int128 {
    var value: Int128 = 0
    var period = flows.last?.period ?? 0
    for flow in flows.reversed() {
      value = discounted(value, power(discount, period - flow.period))
      period = flow.period
      let (sum, overflow) = value.addingReportingOverflow(Int128(flow.amount) << amountBits)
      guard !overflow else { throw .overflow }
      value = sum
    }
    return discounted(value, power(discount, period))
  }

  private static func discounted(_ value: Int128, _ discount: UInt64) -> Int128 {
    let (high, low) = value.multipliedFullWidth(by: Int128(discount))
    // The discount is 1 at most, so that the product fits again.
    return high << (128 - Int128(fractionBits)) | Int128(truncatingIfNeeded: low >> UInt128(fractionBits))
  }

  /// By squaring; 0 … 1 in units of 2^-60.
  private static func power(_ base: UInt64, _ exponent: Int) -> UInt64 {
    var result = UInt64(1) << fractionBits
    var square = base
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result = product(result, square) }
      square = product(square, square)
      rest >>= 1
    }
    return result
  }

  private static func product(_ left: UInt64, _ right: UInt64) -> UInt64 {
    UInt64(truncatingIfNeeded: (UInt128(left) * UInt128(right)) >> UInt128(fractionBits))
  }

  private static func rates(discount: UInt64, periodsPerYear: Int) throws(Failure) -> (Rate, Rate) {
    let one = Int128(1) << Int128(fractionBits)
    let scale = Int128(Rate.unitsPerOne)
    let year = power(discount, periodsPerYear)
    guard discount > 0, year > 0 else { throw .overflow }
    let perPeriod = one - Int128(discount)
    do throws(RoundingError) {
      let rounding = Rounding(.halfUp)
      return (
        Rate(e8: try rounding.quotient(perPeriod * Int128(periodsPerYear) * scale, Int128(discount))),
        Rate(e8: try rounding.quotient((one - Int128(year)) * scale, Int128(year)))
      )
    } catch {
      throw .overflow
    }
  }
}
