import Contracts
import FinancialMath
import RPC
import Store
import Terms

/// The closed business days in the database, and how far the close of each has come.
enum BusinessDayTables {
  static let collection = "businessDays"

  /// What a close goes through, in order.
  enum Phase: String {
    case offers = "OFFERS"
    case loans = "LOANS"
    case observations = "OBSERVATIONS"
    case done = "DONE"
  }

  /// A day that is over.
  struct Close {
    let date: CivilDate
    let nextDate: CivilDate
    var phase = Phase.offers
    /// The last loan or application that was looked at; the date by which they are taken only among loans.
    var last: (date: String, id: String) = ("", "")
    var expiredOfferCount: Int64 = 0
    var overdueLoanCount: Int64 = 0
    var curedLoanCount: Int64 = 0
    var observedLoanCount: Int64 = 0
    var startTime: Timestamp
    var finishTime: Timestamp?

    var message: FinancingV1.BusinessDay {
      FinancingV1.BusinessDay(
        name: BusinessDayTables.name(date), date: date.message, state: phase == .done ? .closed : .closing,
        nextDate: nextDate.message, expiredOfferCount: expiredOfferCount, overdueLoanCount: overdueLoanCount,
        curedLoanCount: curedLoanCount, closeStartTime: startTime.message, closeFinishTime: finishTime?.message,
        observedLoanCount: observedLoanCount)
    }
  }

  static func name(_ date: CivilDate) -> String { "\(collection)/\(date)" }

  /// The date in a resource name.
  ///
  /// - Throws: INVALID_ARGUMENT naming `field`.
  static func date(_ name: String, field: String) throws(RPCError) -> CivilDate {
    let id = try ResourceName.id(name, in: collection, field: field)
    do throws(CivilDateError) {
      return try CivilDate(iso8601: id)
    } catch {
      throw .invalidArgument(field: field, "must be `\(collection)/{date}`: \(error)")
    }
  }

  static func find(_ date: CivilDate, in connection: Connection) throws -> Close? {
    try connection.first("SELECT \(columns) FROM business_day WHERE date = ?1", date.description, row: read)
  }

  /// The day whose close is not finished; there is one at most.
  static func unfinished(in connection: Connection) throws -> Close? {
    try connection.first("SELECT \(columns) FROM business_day WHERE finished_at IS NULL", row: read)
  }

  static func save(_ close: Close, _ connection: Connection) throws {
    try connection.execute(
      """
      INSERT INTO business_day (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
      ON CONFLICT (date) DO UPDATE SET phase = excluded.phase, last_due_date = excluded.last_due_date,
        last_id = excluded.last_id, expired_offer_count = excluded.expired_offer_count,
        overdue_loan_count = excluded.overdue_loan_count, cured_loan_count = excluded.cured_loan_count,
        finished_at = excluded.finished_at, observed_loan_count = excluded.observed_loan_count
      """,
      close.date.description, close.nextDate.description, close.phase.rawValue, close.last.date, close.last.id,
      close.expiredOfferCount, close.overdueLoanCount, close.curedLoanCount, close.startTime, close.finishTime,
      close.observedLoanCount)
  }

  private static let columns = """
    date, next_date, phase, last_due_date, last_id, expired_offer_count, overdue_loan_count, cured_loan_count,
    started_at, finished_at, observed_loan_count
    """

  private static func read(_ row: borrowing Row) throws -> Close {
    Close(
      date: try CivilDate(iso8601: row[0]), nextDate: try CivilDate(iso8601: row[1]),
      phase: Phase(rawValue: try row[2]) ?? .offers, last: (try row[3], try row[4]),
      expiredOfferCount: try row[5], overdueLoanCount: try row[6], curedLoanCount: try row[7],
      observedLoanCount: try row[10], startTime: try row[8], finishTime: try row[9])
  }
}
