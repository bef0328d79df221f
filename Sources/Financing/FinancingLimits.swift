/// Every limit of the financing domain, with its unit in its name.
public enum FinancingLimits {
  /// Offers or loans that one unit of work of a day's close takes at most, so that other work gets its turn.
  public static let closeBatchCount = 200
}
