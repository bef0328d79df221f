import FinancialMath

extension Schedule {
  /// The yearly cost of the loan: the principal at the start against the payments of the rows. Nil where no rate expresses
  /// it.
  public func annualizedCost(of terms: ScheduleTerms) -> AnnualizedCost? {
    guard let first = rows.first, let unit = try? terms.unitPeriod(firstPayment: first.dueDate) else { return nil }
    let payments = rows.lazy.filter { !$0.total.isZero }.map { row in
      AnnualizedCost.Payment(
        period: Int32(clamping: unit.wholePeriods + row.number - 1), amount: row.total.minorUnits)
    }
    return try? AnnualizedCost(
      advance: totalPrincipal.minorUnits, payments: Array(payments), oddPart: unit.oddPart, periodsPerYear: unit.perYear
    )
  }
}
