import Contracts
import FinancialMath
import Store
import Terms

/// Receipts for loans in the database. They are only ever added.
enum RepaymentTables {
  static let collection = "repayments"

  /// What was received for a loan, and where it went.
  struct Receipt {
    var amount: Money
    var date: CivilDate
    var interest: Money
    var principal: Money
    var overpayment: Money
  }

  /// Keeps a receipt under the revision of the schedule that it pays, and returns its id.
  static func insert(_ receipt: Receipt, loan: String, revision: Int32, in unit: UnitOfWork) throws -> String {
    let id = unit.newId()
    try unit.connection.execute(
      """
      INSERT INTO loan_repayment (
        id, loan, receive_date, amount_minor_units, interest_minor_units, principal_minor_units,
        overpayment_minor_units, created_at, schedule_revision)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      """,
      id, loan, receipt.date.description, receipt.amount.minorUnits, receipt.interest.minorUnits,
      receipt.principal.minorUnits, receipt.overpayment.minorUnits, unit.now, revision)
    return id
  }

  /// What installments of a revision were paid with, by the day on which it was received.
  static func paid(
    loan: String, revision: Int32, currency: Currency, from connection: Connection
  ) throws -> [DatedAmount] {
    try connection.query(
      """
      SELECT receive_date, interest_minor_units + principal_minor_units FROM loan_repayment
      WHERE loan = ?1 AND schedule_revision = ?2
      """, loan, revision
    ) { row in DatedAmount(try CivilDate(iso8601: row[0]), Money(try row[1], currency)) }
  }
}
