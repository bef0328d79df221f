import FinancialMath

/// A sum as the database holds it, whose integers have 64 bits: in two columns, which a person reads one after the other.
/// A row from before there was the second column has 0 in it, and any number in the first.
struct StoredSum {
  /// The rest of the sum, without its quintillions.
  let minorUnits: Int64
  /// How many times 10^18 minor units are in the sum.
  let quintillions: Int64

  private static let quintillion: Int128 = 1_000_000_000_000_000_000

  init(minorUnits: Int64, quintillions: Int64) {
    self.minorUnits = minorUnits
    self.quintillions = quintillions
  }

  init(_ sum: MoneySum) {
    let (quotient, rest) = sum.minorUnits.quotientAndRemainder(dividingBy: Self.quintillion)
    // Amounts are below 2^50, and postings fewer than 2^63: that makes fewer than 2^54 quintillions.
    self.init(minorUnits: Int64(truncatingIfNeeded: rest), quintillions: Int64(clamping: quotient))
  }

  func sum(in currency: Currency) -> MoneySum {
    MoneySum(Int128(quintillions) * Self.quintillion + Int128(minorUnits), currency)
  }
}
