import FinancialMath

/// The interest of each period for one unit of principal, f_i, as integers over one common denominator.
struct PeriodRates {
  /// f_i × denominator.
  let numerators: [Int64]
  let denominator: Int64

  init(_ periods: [InterestPeriod], rate: Rate, dayCount: DayCount) throws(ScheduleError) {
    var numerators: [Int64] = []
    numerators.reserveCapacity(periods.count)
    let full = Rate.unitsPerOne * dayCount.denominator  // at most 1.4e13
    var divisor = full
    for period in periods {
      let (numerator, overflow) = rate.e8.multipliedReportingOverflow(by: period.yearNumerator)
      guard !overflow else { throw ScheduleError.amountOverflow }
      numerators.append(numerator)
      divisor = Ratio.greatestCommonDivisor(divisor, numerator)
    }
    // Lowest terms keep the exact products below short: 49 / 12 000 for a month at 4.9 %.
    self.numerators = divisor > 1 ? numerators.map { $0 / divisor } : numerators
    self.denominator = full / divisor
  }

  /// `opening` × f_i, rounded once to the minor unit.
  func interest(on opening: Int64, period index: Int, _ rounding: Rounding) throws(ScheduleError) -> Int64 {
    do throws(RoundingError) {
      return try rounding.toMinorUnit.quotient(Int128(opening) * Int128(numerators[index]), Int128(denominator))
    } catch {
      throw ScheduleError.amountOverflow
    }
  }
}

extension ScheduleError {
  static var amountOverflow: ScheduleError {
    ScheduleError(
      field: "principal.minor_units",
      reason: .overflow,
      message: "an amount of the schedule does not fit in 64 bits of minor units"
    )
  }
}
