import FinancialMath

/// The time in which a restructured loan must be paid as scheduled before it counts as any other again. A pure function of
/// the new schedule and what came in for it, so a backdated receipt corrects it simply by being there.
///
/// It starts on the first due date, and from there holds a year at least and two consecutive periods of the schedule; an
/// installment that is not paid in full on its due date starts it anew from that date. So say the Measures for the Risk
/// Classification of Financial Assets of Commercial Banks (商业银行金融资产风险分类办法, 2023) of restructured assets.
public struct Observation: Sendable, Hashable {
  /// The least length of it, in months.
  public static let minMonths = 12
  /// How many consecutive periods of the schedule it holds at least.
  public static let minPeriodCount = 2

  public let start: CivilDate
  /// Its last day: it has passed once that, and what falls due on it, is over.
  public let end: CivilDate

  /// Observes up to a business date; nil without a schedule.
  ///
  /// - Parameters:
  ///   - months: how long at least; `minMonths` or more.
  ///   - dues: what each installment of the new schedule asks for, paid or not, in any order.
  ///   - receipts: what came in for them, by value date and in any order; they pay the oldest installment first.
  public init?(on date: CivilDate, months: Int, dues: [DatedAmount], receipts: [DatedAmount]) {
    let dues = dues.sorted { $0.date < $1.date }
    var receipts = receipts.sorted { $0.date < $1.date }[...]
    guard var start = dues.first?.date else { return nil }
    var owed: Int128 = 0
    var received: Int128 = 0
    for due in dues where due.date < date {
      owed += Int128(due.amount.minorUnits)
      while let receipt = receipts.first, receipt.date <= due.date {
        received += Int128(receipt.amount.minorUnits)
        receipts.removeFirst()
      }
      if received < owed { start = due.date }
    }
    self.start = start
    // Near the end of the calendar the time ends with it.
    let length = (try? start.adding(months: months)) ?? .max
    let periods = dues.map(\.date).filter { $0 > start }.prefix(Self.minPeriodCount)
    end = max(length, periods.last ?? start)
  }
}
