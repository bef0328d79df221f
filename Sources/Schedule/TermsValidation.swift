import FinancialMath

extension ScheduleTerms {
  /// Checks each field against `ScheduleLimits`, in the order of the contract.
  public func validate() throws(ScheduleError) {
    try require(
      "principal.minor_units",
      principal.minorUnits,
      1...ScheduleLimits.standard.maxPrincipalMinorUnits,
      "minor units"
    )
    try require("annual_rate_e8", annualRate.e8, 0...ScheduleLimits.standard.maxAnnualRateE8, "units of 1e-8")
    try require(
      "rounding.multiple_of",
      rounding.multipleOf,
      1...ScheduleLimits.standard.maxRoundingMultipleMinorUnits,
      "minor units"
    )
    try frequency.validate()
    try require(
      "installment_count",
      Int64(installmentCount),
      1...Int64(ScheduleLimits.standard.maxInstallmentCount),
      "installments"
    )
    if let firstDueDate, firstDueDate <= startDate {
      throw ScheduleError(
        field: "first_due_date",
        reason: .notAfterStart,
        message: "must be after the start date \(startDate), not \(firstDueDate)"
      )
    }
  }
}

extension PaymentFrequency {
  /// Checks the number against `ScheduleLimits`.
  public func validate() throws(ScheduleError) {
    switch self {
    case .monthly(let months):
      try require(
        "frequency.every_months", Int64(months), 1...Int64(ScheduleLimits.standard.maxFrequencyMonths), "months")
    case .everyDays(let days):
      try require("frequency.every_days", Int64(days), 1...Int64(ScheduleLimits.standard.maxFrequencyDays), "days")
    }
  }
}

private func require(
  _ field: String,
  _ value: Int64,
  _ range: ClosedRange<Int64>,
  _ unit: String
) throws(ScheduleError) {
  if value > range.upperBound {
    throw ScheduleError(
      field: field,
      reason: .aboveLimit,
      message: "must be at most \(range.upperBound) \(unit), not \(value)"
    )
  }
  if value < range.lowerBound {
    throw ScheduleError(
      field: field,
      reason: range.lowerBound == 0 ? .negative : .notPositive,
      message: "must be at least \(range.lowerBound) \(unit), not \(value)"
    )
  }
}
