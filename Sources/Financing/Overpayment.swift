import FinancialMath
import RPC
import Terms

/// The overpayment of a loan as a receipt would leave it, and whether that can be right.
struct Overpayment {
  /// Received in excess before, and not refunded yet.
  var held: Money
  /// The part of the receipt that exceeds everything owed.
  var excess: Money
  /// All that the loan's current schedule asks for, paid or not.
  var schedule: MoneySum

  /// The overpayment after the receipt.
  ///
  /// - Parameter allowsDisproportionate: Whether the caller means an excess out of proportion.
  /// - Throws: FAILED_PRECONDITION with reason DISPROPORTIONATE_RECEIPT when the excess takes the overpayment beyond
  ///   `FinancingLimits.maxOverpaymentPerSchedule` times the schedule and the caller does not say that it is meant;
  ///   OVERPAYMENT_LIMIT when the overpayment would be larger than an amount may be, whoever means it.
  func checked(allowsDisproportionate: Bool, loan: String) throws(RPCError) -> Money {
    let overpayment = MoneySum(Int128(held.minorUnits) + Int128(excess.minorUnits), held.currency)
    guard excess.isPositive else { return held }
    let inProportion = schedule.minorUnits * Int128(FinancingLimits.standard.maxOverpaymentPerSchedule)
    guard allowsDisproportionate || overpayment.minorUnits <= inProportion else {
      throw .failedPrecondition(
        reason: "DISPROPORTIONATE_RECEIPT",
        message: """
          amount: exceeds what is owed on \(loan) by \(excess), which makes its overpayment \(overpayment), out of \
          proportion to the \(schedule) of its whole schedule; set allow_disproportionate if the amount is meant
          """,
        metadata: [
          "field": "amount", "currency_code": excess.currency.code,
          "overpayment_minor_units": "\(overpayment.minorUnits)", "max_overpayment_minor_units": "\(inProportion)",
        ], subject: loan)
    }
    let limit = Int128(AmountLimits.standard.maxAmountMinorUnits)
    guard overpayment.minorUnits <= limit else {
      throw .failedPrecondition(
        reason: "OVERPAYMENT_LIMIT",
        message: """
          amount: makes the overpayment of \(loan) \(overpayment), beyond \(MoneySum(limit, held.currency)), the \
          largest amount; refund it first
          """,
        metadata: ["field": "amount", "max_overpayment_minor_units": "\(limit)"], subject: loan)
    }
    return Money(Int64(clamping: overpayment.minorUnits), held.currency)
  }
}
