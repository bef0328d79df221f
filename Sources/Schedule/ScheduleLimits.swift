import Terms

/// What a schedule may be asked to compute. Unit last in each name.
public enum ScheduleLimits {
  /// A century of monthly installments.
  public static let maxInstallmentCount = 1_200
  /// 1000 % a year.
  public static let maxAnnualRateE8: Int64 = 1_000_000_000
  /// As much as any amount may be. With the other limits it keeps sums of interest far below 2^63.
  public static let maxPrincipalMinorUnits = AmountLimits.standard.maxAmountMinorUnits
  /// Ten years between two due dates, for steps of months.
  public static let maxFrequencyMonths = 120
  /// Ten years between two due dates, for steps of days.
  public static let maxFrequencyDays = 3_660
  /// The largest multiple that amounts may be rounded to.
  public static let maxRoundingMultipleMinorUnits: Int64 = 1_000_000_000
}
