import FinancialMath

extension Schedule {
  /// What the loan costs in a year: the principal at the start against the payments of the rows. Nil where no rate tells.
  ///
  /// A unit period is the distance between due dates where that divides a year, or else a month or a day. A first due date
  /// of its own counts as regular.
  public func annualizedCost(of terms: ScheduleTerms) -> AnnualizedCost? {
    let (step, periodsPerYear) =
      switch terms.frequency {
      case .monthly(let months): 12 % months == 0 ? (1, 12 / months) : (months, 12)
      case .everyDays(let days): (days, 365)
      }
    var flows = [AnnualizedCost.Flow(period: 0, amount: totalPrincipal.minorUnits)]
    for row in rows where !row.total.isZero {
      // A single payment falls due at the end of the last period.
      let period = terms.method == .singlePayment ? terms.installmentCount : row.number
      flows.append(AnnualizedCost.Flow(period: period * step, amount: -row.total.minorUnits))
    }
    return try? AnnualizedCost(flows, periodsPerYear: periodsPerYear)
  }
}
