import FinancialMath

/// How a loan is paid back.
public enum RepaymentMethod: String, Sendable, Hashable, CaseIterable {
  /// The same installment each time: interest falls, principal rises (等额本息).
  case equalInstallment = "EQUAL_INSTALLMENT"
  /// The same principal each time, and the interest on what is left (等额本金).
  case equalPrincipal = "EQUAL_PRINCIPAL"
  /// Interest each time, the principal with the last installment (先息后本).
  case interestOnly = "INTEREST_ONLY"
  /// Principal and simple interest in one payment at maturity (到期一次还本付息).
  case singlePayment = "SINGLE_PAYMENT"
}

/// The distance between due dates.
public enum PaymentFrequency: Sendable, Hashable {
  /// Every `n` calendar months on the anchor day, clamped to the month's end. 3 is a quarter, 12 a year.
  case monthly(every: Int)
  /// Every `n` days.
  case everyDays(Int)
}

/// Everything a schedule is a function of.
public struct ScheduleTerms: Sendable, Hashable {
  public var principal: Money
  public var annualRate: Rate
  public var method: RepaymentMethod
  public var frequency: PaymentFrequency
  public var dayCount: DayCount
  /// The mode rounds each amount. The multiple shapes what the borrower repays (the equal installment, the equal
  /// principal); interest is always exact to the minor unit.
  public var rounding: Rounding
  /// The day the money goes out; the first day that bears interest.
  public var startDate: CivilDate
  /// The first due date, when it is not one step after the start. Its day is the anchor of all later due dates.
  public var firstDueDate: CivilDate?
  /// The number of due dates. A single payment is due on the last of them.
  public var installmentCount: Int

  public init(
    principal: Money,
    annualRate: Rate,
    method: RepaymentMethod,
    frequency: PaymentFrequency = .monthly(every: 1),
    dayCount: DayCount = .thirty360US,
    rounding: Rounding = Rounding(.halfUp),
    startDate: CivilDate,
    firstDueDate: CivilDate? = nil,
    installmentCount: Int
  ) {
    self.principal = principal
    self.annualRate = annualRate
    self.method = method
    self.frequency = frequency
    self.dayCount = dayCount
    self.rounding = rounding
    self.startDate = startDate
    self.firstDueDate = firstDueDate
    self.installmentCount = installmentCount
  }
}
