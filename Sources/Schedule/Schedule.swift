import FinancialMath

/// The installments of a loan. A pure function of its terms; revisions of a loan are schedules of new terms.
public struct Schedule: Sendable, Hashable {
  public let rows: [Installment]
  /// The regular installment of an equal-installment loan; the last row may differ from it. Nil for other methods.
  public let regularInstallment: Money?
  /// Equals the principal of the terms.
  public let totalPrincipal: Money
  public let totalInterest: Money
  /// Principal and interest.
  public let totalPayment: Money
}

extension Schedule {
  /// Computes the schedule with exact intermediates and one rounding a row.
  ///
  /// Holds for every result: the principal of the rows adds up to the loan, each row opens with what the one before
  /// closed with, no row before the last clears the loan, the last one does, and no amount is negative.
  public static func compute(_ terms: ScheduleTerms) throws(ScheduleError) -> Schedule {
    try terms.validate()
    let periods =
      terms.method == .singlePayment ? [try terms.periodToMaturity()] : try terms.periods()
    let amortization = Amortization(
      principal: terms.principal.minorUnits,
      rates: try PeriodRates(periods, rate: terms.annualRate, dayCount: terms.dayCount),
      rounding: terms.rounding
    )
    switch terms.method {
    case .equalInstallment:
      let (rows, installment) = try amortization.equalInstallment()
      return try Schedule(terms, periods, rows, installment: installment)
    case .equalPrincipal:
      return try Schedule(terms, periods, try amortization.equalPrincipal(), installment: nil)
    case .interestOnly, .singlePayment:
      return try Schedule(terms, periods, try amortization.interestOnly(), installment: nil)
    }
  }

  private init(
    _ terms: ScheduleTerms,
    _ periods: [InterestPeriod],
    _ amounts: [AmortizationRow],
    installment: Int64?
  ) throws(ScheduleError) {
    let currency = terms.principal.currency
    var rows: [Installment] = []
    rows.reserveCapacity(amounts.count)
    var balance = terms.principal.minorUnits
    var interest: Int128 = 0
    for (period, amount) in zip(periods, amounts) {
      let (total, overflow) = amount.principal.addingReportingOverflow(amount.interest)
      guard !overflow else { throw ScheduleError.amountOverflow }
      rows.append(
        Installment(
          number: rows.count + 1,
          periodStart: period.start,
          dueDate: period.end,
          opening: Money(balance, currency),
          principal: Money(amount.principal, currency),
          interest: Money(amount.interest, currency),
          total: Money(total, currency),
          closing: Money(balance - amount.principal, currency)
        )
      )
      balance -= amount.principal
      interest += Int128(amount.interest)
    }
    let repaid = terms.principal.minorUnits - balance
    guard let interest = Int64(exactly: interest), let payment = Int64(exactly: Int128(repaid) + Int128(interest))
    else {
      throw ScheduleError.amountOverflow
    }
    totalPrincipal = Money(repaid, currency)
    totalInterest = Money(interest, currency)
    totalPayment = Money(payment, currency)
    self.rows = rows
    regularInstallment = installment.map { Money($0, currency) }
  }
}
