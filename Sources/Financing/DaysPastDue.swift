import FinancialMath

/// An amount on a day: what falls due, or what came in.
public struct DatedAmount: Sendable, Hashable {
  public var date: CivilDate
  public var amount: Money

  public init(_ date: CivilDate, _ amount: Money) {
    self.date = date
    self.amount = amount
  }
}

/// How long a loan is overdue. A pure function of its installments and receipts, so a backdated receipt corrects every
/// day since simply by being there.
public struct DaysPastDue: Sendable, Hashable {
  /// 0 when nothing due before the day is unpaid.
  public let days: Int
  /// The due date the days count from; nil when nothing is past due.
  public let oldestUnpaidDueDate: CivilDate?
  /// What fell due before the day and has not come in.
  public let overdueAmount: MoneySum
}

/// Why days past due could not be counted.
public enum DaysPastDueError: Error, Sendable, Hashable, CustomStringConvertible {
  case negativeAmount(CivilDate)
  case money(MoneyError)

  public var description: String {
    switch self {
    case .negativeAmount(let date): "the amount of \(date) is negative"
    case .money(let error): error.description
    }
  }
}

extension DaysPastDue {
  /// Counts on a business date. An installment is past due from the day after its due date, by whole days.
  ///
  /// - Parameters:
  ///   - dues: what each installment asked for, in any order.
  ///   - receipts: what paid installments, by value date and in any order; those after `date` do not count yet. They pay
  ///     the oldest installment first. Advances count; penalties paid and refunds do not belong here.
  public static func count(
    on date: CivilDate,
    dues: [DatedAmount],
    receipts: [DatedAmount],
    currency: Currency
  ) throws(DaysPastDueError) -> DaysPastDue {
    var paid = try total(receipts, currency) { $0 <= date }
    _ = try total(dues, currency) { _ in true }
    var oldest: CivilDate?
    var overdue: Int128 = 0
    for due in dues.sorted(by: { $0.date < $1.date }) where due.date < date {
      let amount = Int128(due.amount.minorUnits)
      let covered = min(paid, amount)
      paid -= covered
      if covered < amount {
        oldest = oldest ?? due.date
        overdue += amount - covered
      }
    }
    return DaysPastDue(
      days: oldest.map { $0.days(until: date) } ?? 0,
      oldestUnpaidDueDate: oldest,
      overdueAmount: MoneySum(overdue, currency)
    )
  }

  private static func total(
    _ amounts: [DatedAmount],
    _ currency: Currency,
    where counts: (CivilDate) -> Bool
  ) throws(DaysPastDueError) -> Int128 {
    var sum: Int128 = 0
    for entry in amounts {
      guard entry.amount.currency == currency else { throw .money(.mixedCurrencies(currency, entry.amount.currency)) }
      guard !entry.amount.isNegative else { throw .negativeAmount(entry.date) }
      if counts(entry.date) { sum += Int128(entry.amount.minorUnits) }
    }
    return sum
  }
}
