/// Every limit of the financing domain, with its unit in its name.
public struct FinancingLimits: Sendable, Encodable {
  /// The limits that are in force.
  public static let standard = FinancingLimits()

  /// Offers or loans that one unit of work of a day's close takes at most, so that other work gets its turn.
  public var closeBatchCount = 200
  /// How many times everything that its schedule asks for a loan may be overpaid by, unless the caller says that the
  /// amount is meant: money that comes twice passes, an amount with digits too many does not.
  public var maxOverpaymentPerSchedule = 1
}
