import Terms

/// What a schedule may be asked to compute. Unit last in each name.
public struct ScheduleLimits: Sendable, Encodable {
  /// The limits that are in force.
  public static let standard = ScheduleLimits()

  /// A century of monthly installments.
  public var maxInstallmentCount = 1_200
  /// 1000 % a year.
  public var maxAnnualRateE8: Int64 = 1_000_000_000
  /// As much as any amount may be. With the other limits it keeps sums of interest far below 2^63.
  public var maxPrincipalMinorUnits = AmountLimits.standard.maxAmountMinorUnits
  /// Ten years between two due dates, for steps of months.
  public var maxFrequencyMonths = 120
  /// Ten years between two due dates, for steps of days.
  public var maxFrequencyDays = 3_660
  /// The largest multiple that amounts may be rounded to.
  public var maxRoundingMultipleMinorUnits: Int64 = 1_000_000_000
}
