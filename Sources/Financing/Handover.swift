import FinancialMath
import RPC
import Schedule

/// What one schedule of a loan hands over to the next: interest, to the cent.
enum Handover {
  /// The interest of a schedule up to a day that is not paid: of installments that are due, and what has accrued since.
  /// Negative where more was paid than has accrued.
  ///
  /// An installment's interest accrues on its scheduled opening, whatever was paid ahead, as the schedule has it; what
  /// is overdue bears none beyond its due date.
  ///
  /// - Parameters:
  ///   - rows: all of the schedule, in order.
  ///   - start: the first day that bears interest.
  /// - Throws: FAILED_PRECONDITION with reason AMOUNT_OVERFLOW when it is more than an amount can hold.
  static func unpaidInterest(
    of rows: [InstallmentTables.Stored], _ accrual: InterestAccrual, from start: CivilDate, on day: CivilDate
  ) throws -> Money? {
    guard let currency = rows.first?.row.interest.currency else { return nil }
    var unpaid: Int128 = 0
    var start = start
    for row in rows {
      let scheduled = try row.row.interest.subtracting(row.row.carried)
      var accrued = scheduled
      if day < row.row.dueDate {
        // A month of 30 days can count more of itself before its end than at it.
        accrued = try accrual.interest(on: row.row.opening, from: start, to: day).lesser(scheduled)
      }
      unpaid += Int128(accrued.minorUnits) + Int128(row.row.carried.minorUnits) - Int128(row.paidInterest.minorUnits)
      start = row.row.dueDate
    }
    return try amount(unpaid, currency)
  }

  /// Two parts of what is owed together.
  ///
  /// - Throws: FAILED_PRECONDITION with reason AMOUNT_OVERFLOW when they are more than an amount can hold.
  static func sum(_ left: Money, _ right: Money) throws(RPCError) -> Money {
    try amount(Int128(left.minorUnits) + Int128(right.minorUnits), left.currency)
  }

  private static func amount(_ minorUnits: Int128, _ currency: Currency) throws(RPCError) -> Money {
    guard let fitting = Int64(exactly: minorUnits) else {
      throw .failedPrecondition(
        reason: "AMOUNT_OVERFLOW",
        message: "unpaid_interest: \(MoneySum(minorUnits, currency)) does not fit in 64 bits of minor units",
        metadata: ["field": "unpaid_interest"])
    }
    return Money(fitting, currency)
  }

  /// Puts interest of the schedule before into a new one: what is unpaid falls due with the first installment; of what was
  /// paid ahead, each installment in turn asks for less, as far as its interest goes.
  ///
  /// - Throws: FAILED_PRECONDITION with reason INTEREST_PAID_AHEAD when the new schedule has less interest than was paid,
  ///   AMOUNT_OVERFLOW when an installment is more than an amount can hold.
  static func carry(
    _ interest: Money, into rows: [InstallmentTables.ScheduledRow]
  ) throws -> [InstallmentTables.ScheduledRow] {
    var rows = rows
    var rest = interest
    for index in rows.indices where !rest.isZero {
      let part = rest.isPositive ? rest : try rest.negated().lesser(rows[index].interest).negated()
      rows[index].carried = try rows[index].carried.adding(part)
      rows[index].interest = try sum(rows[index].interest, part)
      _ = try sum(rows[index].principal, rows[index].interest)
      rest = try rest.subtracting(part)
    }
    guard rest.isZero else {
      throw RPCError.failedPrecondition(
        reason: "INTEREST_PAID_AHEAD",
        message: "\(try rest.negated()) of interest was paid ahead that the new schedule does not ask for",
        metadata: ["field": "annual_rate_e8"])
    }
    return rows
  }
}
