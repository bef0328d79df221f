import Contracts
import FinancialMath
import Lifecycle
import RPC
import Store
import Terms

/// The close of a business day, in units of work that each leave a note of how far they came: cut off anywhere, it goes on
/// from there, and nothing is done twice.
enum DayClose {
  /// Ends the open day: the next one is open from here on, so that everything booked meanwhile already counts by it.
  ///
  /// - Throws: FAILED_PRECONDITION with reason BUSINESS_DATE when the day is not the open one, DAY_CLOSING when the one
  ///   before is not closed yet, IDEMPOTENCY_MISMATCH when it was closed for another next date, CALENDAR_END when it is the
  ///   last of all business dates.
  static func begin(_ date: CivilDate, next: CivilDate?, in unit: UnitOfWork) throws -> FinancingV1.BusinessDay {
    if let close = try BusinessDayTables.find(date, in: unit.connection) {
      guard next == nil || next == close.nextDate else {
        throw RPCError.failedPrecondition(
          reason: "IDEMPOTENCY_MISMATCH", message: "\(date) was closed with the next date \(close.nextDate)",
          metadata: ["field": "next_date"], subject: BusinessDayTables.name(date))
      }
      return close.message
    }
    let open = try unit.businessDate.civilDate
    guard date == open else {
      throw RPCError.failedPrecondition(
        reason: "BUSINESS_DATE", message: "the open business day is \(open), not \(date)",
        metadata: ["business_date": open.description], subject: BusinessDayTables.name(date))
    }
    if let earlier = try BusinessDayTables.unfinished(in: unit.connection) {
      throw RPCError.failedPrecondition(
        reason: "DAY_CLOSING", message: "\(earlier.date) is not closed yet; close it again to go on",
        metadata: ["business_date": earlier.date.description], subject: BusinessDayTables.name(earlier.date))
    }
    let next = next ?? date.clampedAdding(days: 1)
    let lastYear = CalendarLimits.standard.lastYear
    guard next.year <= lastYear else {
      throw RPCError.failedPrecondition(
        reason: "CALENDAR_END", message: "\(date) cannot be closed: business dates end with the year \(lastYear)",
        metadata: ["business_date": date.description, "last_year": "\(lastYear)"],
        subject: BusinessDayTables.name(date))
    }
    guard let following = BusinessDate(next.description) else {
      throw RPCError.invalidArgument(field: "next_date", "is out of range")
    }
    try unit.closeBusinessDay(next: following)
    let close = BusinessDayTables.Close(date: date, nextDate: next, startTime: unit.now)
    try BusinessDayTables.save(close, unit.connection)
    try unit.audit(resource: BusinessDayTables.name(date), action: "close", detail: "next \(next)")
    return close.message
  }

  /// Takes the next offers or loans. Whether the close is finished.
  static func advance(_ date: CivilDate, in unit: UnitOfWork) throws -> Bool {
    guard var close = try BusinessDayTables.find(date, in: unit.connection) else { return true }
    switch close.phase {
    case .offers: try expireOffers(&close, in: unit)
    case .loans: try takeLoans(&close, by: LoanTables.due, then: .observations, in: unit)
    case .observations: try takeLoans(&close, by: LoanTables.observed, then: .done, in: unit)
    case .done: return true
    }
    try BusinessDayTables.save(close, unit.connection)
    return close.phase == .done
  }

  private static func expireOffers(_ close: inout BusinessDayTables.Close, in unit: UnitOfWork) throws {
    let limit = FinancingLimits.standard.closeBatchCount
    let found = try ApplicationTables.approved(
      endingBy: max(unit.now, close.nextDate.start), after: close.last.id, limit: limit, from: unit.connection)
    for stored in found {
      var change = Change<ApplicationTables>(stored, in: unit)
      if try change.expireOffer() { close.expiredOfferCount += 1 }
    }
    close.last.id = found.last?.id ?? close.last.id
    if found.count < limit { (close.phase, close.last) = (.loans, ("", "")) }
  }

  /// Looks at the next loans of a query.
  private static func takeLoans(
    _ close: inout BusinessDayTables.Close, by query: LoanTables.DatedQuery, then next: BusinessDayTables.Phase,
    in unit: UnitOfWork
  ) throws {
    let limit = FinancingLimits.standard.closeBatchCount
    let found = try query(close.nextDate, close.last, limit, unit.connection)
    for (date, loan) in found {
      var change = Change<LoanTables>(loan, in: unit)
      switch try change.reassessAtClose() {
      case .overdue: close.overdueLoanCount += 1
      case .cured: close.curedLoanCount += 1
      case .observed: close.observedLoanCount += 1
      case .asBefore: break
      }
      close.last = (date, loan.id)
    }
    if found.count < limit {
      (close.phase, close.last) = (next, ("", ""))
      if next == .done { close.finishTime = unit.now }
    }
  }
}
