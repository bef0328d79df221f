import FinancialMath

/// Principal and interest of one row in minor units, before dates and currency join them.
struct AmortizationRow: Hashable {
  var principal: Int64
  var interest: Int64
}

/// The arithmetic of one loan: what each method repays in each period.
struct Amortization {
  let principal: Int64
  let rates: PeriodRates
  let rounding: Rounding

  private var count: Int { rates.numerators.count }

  // MARK: Equal installment

  /// A run of rows under one installment, and whether the installment carried it without correction.
  private struct Run {
    var rows: [AmortizationRow]
    var isClean: Bool
    /// last − E; decides about the adjustment.
    var gap: Int64
  }

  func equalInstallment() throws(ScheduleError) -> (rows: [AmortizationRow], installment: Int64) {
    let exact = ExactInstallment(principal: principal, rates: rates)
    var installment = try rounded { () throws(RoundingError) in try exact.rounded(rounding) }
    var run = try run(installment: installment)
    // A multiple, or a tiny loan, can make the installment clear the loan early or miss the interest. Then it goes down
    // one step, or gives up the multiple; what no installment can carry, each row corrects for itself.
    if !run.isClean {
      for fallback in [rounding.downward, Rounding(.down)] {
        installment = try rounded { () throws(RoundingError) in try exact.rounded(fallback) }
        run = try self.run(installment: installment)
        if run.isClean { break }
      }
    }
    if count > 1, Int128(run.gap.magnitude) * 2 > Int128(count) {
      let scaled = Int128(installment) * Int128(count) + Int128(run.gap)
      let adjusted = try quotient(scaled, rounding)
      if adjusted > 0, adjusted != installment {
        let second = try self.run(installment: adjusted)
        if second.isClean, second.gap.magnitude < run.gap.magnitude { return (second.rows, adjusted) }
      }
    }
    return (run.rows, installment)
  }

  private func run(installment: Int64) throws(ScheduleError) -> Run {
    var rows: [AmortizationRow] = []
    rows.reserveCapacity(count)
    var balance = principal
    var isClean = true
    for index in 0..<(count - 1) {
      let interest = try rates.interest(on: balance, period: index, rounding)
      let wanted = installment - interest  // both are at least 0
      // At least one minor unit stays for the last row, and the balance never grows.
      let repaid = max(0, min(wanted, balance - 1))
      if repaid != wanted { isClean = false }
      rows.append(AmortizationRow(principal: repaid, interest: interest))
      balance -= repaid
    }
    let interest = try rates.interest(on: balance, period: count - 1, rounding)
    rows.append(AmortizationRow(principal: balance, interest: interest))
    let (last, overflow) = balance.addingReportingOverflow(interest)
    guard !overflow else { throw ScheduleError.amountOverflow }
    return Run(rows: rows, isClean: isClean, gap: last - installment)
  }

  // MARK: The other methods

  func equalPrincipal() throws(ScheduleError) -> [AmortizationRow] {
    var part = try quotient(Int128(principal), rounding)
    for fallback in [rounding.downward, Rounding(.down)] where !leavesRest(part) {
      part = try quotient(Int128(principal), fallback)
    }
    var rows: [AmortizationRow] = []
    rows.reserveCapacity(count)
    var balance = principal
    for index in 0..<count {
      let interest = try rates.interest(on: balance, period: index, rounding)
      let repaid = index == count - 1 ? balance : part
      rows.append(AmortizationRow(principal: repaid, interest: interest))
      balance -= repaid
    }
    return rows
  }

  func interestOnly() throws(ScheduleError) -> [AmortizationRow] {
    var rows: [AmortizationRow] = []
    rows.reserveCapacity(count)
    for index in 0..<count {
      let interest = try rates.interest(on: principal, period: index, rounding)
      rows.append(AmortizationRow(principal: index == count - 1 ? principal : 0, interest: interest))
    }
    return rows
  }

  /// Whether n − 1 equal parts leave something for the last row, and the parts repay anything at all.
  private func leavesRest(_ part: Int64) -> Bool {
    part >= (principal >= Int64(count) ? 1 : 0) && Int128(part) * Int128(count - 1) < Int128(principal)
  }

  /// `amount` over the number of installments.
  private func quotient(_ amount: Int128, _ rounding: Rounding) throws(ScheduleError) -> Int64 {
    try rounded { () throws(RoundingError) in try rounding.quotient(amount, Int128(count)) }
  }

  private func rounded(_ amount: () throws(RoundingError) -> Int64) throws(ScheduleError) -> Int64 {
    do throws(RoundingError) {
      return try amount()
    } catch {
      throw ScheduleError.amountOverflow
    }
  }
}
