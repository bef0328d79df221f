import Contracts
import FinancialMath
import Identity
import RPC
import Schedule
import Store
import Terms

/// Loans in the database: the one place where rows become messages.
///
/// What people search and report on has columns of its own; the message beside them is the entity.
enum LoanTables {
  static let collection = "loans"

  /// A loan as stored, with what its message does not show.
  struct Stored: Sendable {
    var loan: FinancingV1.Loan
    /// The subject of the caller who applied for it.
    var borrower: String
    var id: String
    var revision: Int64

    /// The rule of ownership: an enterprise's user sees the loans that the user applied for.
    func isVisible(to principal: Principal) -> Bool {
      !principal.seesOwnOnly || borrower == principal.subject
    }
  }

  /// The loan of a resource name, as far as the caller may see it.
  ///
  /// - Throws: INVALID_ARGUMENT naming `field` for a malformed name; NOT_FOUND when there is none for the caller.
  static func load(
    _ name: String, field: String = "name", for principal: Principal, from connection: Connection
  ) throws -> Stored {
    let id = try ResourceName.id(name, in: collection, field: field)
    let stored = try connection.first(
      "SELECT id, borrower, revision, document FROM loan WHERE id = ?1", id, row: read)
    guard let stored, stored.isVisible(to: principal) else { throw RPCError.notFound(name, type: collection) }
    return stored
  }

  static func page(
    after id: String, limit: Int, enterprise: String?, for principal: Principal, from connection: Connection
  ) throws -> [Stored] {
    let page = OwnedPage(after: id, limit: limit, enterprise: enterprise, owner: "borrower", for: principal)
    return try connection.query(
      "SELECT id, borrower, revision, document FROM loan WHERE \(page.clause)", values: page.values, row: read)
  }

  static func insert(_ stored: Stored, into connection: Connection) throws {
    let loan = stored.loan
    try connection.execute(
      """
      INSERT INTO loan (
        id, application, enterprise, borrower, state, currency_code, principal_minor_units, outstanding_minor_units,
        annual_rate_e8, revision, created_at, updated_at, document)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
      """,
      stored.id, loan.application, loan.enterprise, stored.borrower, loan.state.valueName,
      loan.principal?.currencyCode, loan.principal?.minorUnits, loan.outstandingPrincipal?.minorUnits,
      loan.annualRateE8, stored.revision, Timestamp(loan.createTime), Timestamp(loan.updateTime),
      loan.serializedBytes())
  }

  static func update(_ stored: Stored, in connection: Connection) throws {
    let loan = stored.loan
    let disbursed = try loan.disbursementDate.map { try CivilDate($0, field: "disbursement_date").description }
    try connection.execute(
      """
      UPDATE loan SET state = ?2, outstanding_minor_units = ?3, disbursement_date = ?4, revision = ?5, updated_at = ?6,
        document = ?7
      WHERE id = ?1
      """,
      stored.id, loan.state.valueName, loan.outstandingPrincipal?.minorUnits, disbursed, stored.revision,
      Timestamp(loan.updateTime), loan.serializedBytes())
  }

  private static func read(_ row: borrowing Row) throws -> Stored {
    let document: [UInt8] = try row[3]
    return Stored(
      loan: try FinancingV1.Loan(serializedBytes: document),
      borrower: try row[1], id: try row[0], revision: try row[2])
  }
}
