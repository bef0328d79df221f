import FinancialMath

/// Interest as it accrues from day to day, for a part of a period.
public struct InterestAccrual: Sendable, Hashable {
  public var annualRate: Rate
  public var dayCount: DayCount
  public var rounding: Rounding

  public init(annualRate: Rate, dayCount: DayCount, rounding: Rounding) {
    self.annualRate = annualRate
    self.dayCount = dayCount
    self.rounding = rounding
  }

  /// `balance` × rate × the days from `start` to `end`, rounded once to the minor unit; nothing where `end` is not later.
  public func interest(
    on balance: Money, from start: CivilDate, to end: CivilDate
  ) throws(ScheduleError) -> Money {
    guard end > start else { return .zero(balance.currency) }
    do {
      let fraction = try dayCount.fraction(from: start, to: end)
      // A numerator stays below 1.4e9, so that the product fits even where nothing else is limited.
      let product = Int128(balance.minorUnits) * Int128(annualRate.e8) * Int128(fraction.numerator)
      let divisor = Int128(Rate.unitsPerOne) * Int128(fraction.denominator)
      return Money(try rounding.toMinorUnit.quotient(product, divisor), balance.currency)
    } catch {
      throw ScheduleError.amountOverflow
    }
  }
}
