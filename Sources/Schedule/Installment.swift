import FinancialMath

/// One row of a schedule. All amounts are in the currency of the principal.
public struct Installment: Sendable, Hashable {
  /// 1 for the first.
  public let number: Int
  /// The first day that bears interest: the start, or the due date before.
  public let periodStart: CivilDate
  public let dueDate: CivilDate
  /// Principal owed before this installment.
  public let opening: Money
  public let principal: Money
  public let interest: Money
  /// Principal and interest.
  public let total: Money
  /// Principal owed after this installment.
  public let closing: Money

  public init(
    number: Int,
    periodStart: CivilDate,
    dueDate: CivilDate,
    opening: Money,
    principal: Money,
    interest: Money,
    total: Money,
    closing: Money
  ) {
    self.number = number
    self.periodStart = periodStart
    self.dueDate = dueDate
    self.opening = opening
    self.principal = principal
    self.interest = interest
    self.total = total
    self.closing = closing
  }
}
