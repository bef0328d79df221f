/// Every limit of amounts, with its unit last in its name.
public struct AmountLimits: Sendable, Encodable {
  /// The limits that are in force.
  public static let standard = AmountLimits()

  /// The largest amount that a request may hold: ten trillion of a currency with two decimals. More than 9 000 of the
  /// largest fit in 64 bits, and whatever adds up without bound is a `MoneySum`.
  public var maxAmountMinorUnits: Int64 = 1_000_000_000_000_000
}
