import Contracts
import Enterprise
import FinancialMath
import Identity
import Lifecycle
import RPC
import Schedule
import Store
import Terms

extension FinancingV1.Loan: ResourceMessage {}

/// Loans in the database: the one place where rows become messages. Their owner is who applied for them.
///
/// What people search and report on has columns of its own; the message beside them is the entity.
public enum LoanTables: ResourceTable {
  public static let collection = "loans"
  public static let lifecycle = LoanLifecycle.table

  public static func find(_ id: String, in connection: Connection) throws -> Stored<FinancingV1.Loan>? {
    try connection.first("SELECT id, borrower, revision, document FROM loan WHERE id = ?1", id, row: read)
  }

  static func page(
    after id: String, limit: Int, enterprise: String?, for principal: Principal, from connection: Connection
  ) throws -> [Stored<FinancingV1.Loan>] {
    let page = OwnedPage(after: id, limit: limit, enterprise: enterprise, owner: "borrower", for: principal)
    return try connection.query(
      "SELECT id, borrower, revision, document FROM loan WHERE \(page.clause)", values: page.values, row: read)
  }

  public static func insert(_ stored: Stored<FinancingV1.Loan>, into connection: Connection) throws {
    let loan = stored.body
    try connection.execute(
      """
      INSERT INTO loan (
        id, application, enterprise, borrower, state, currency_code, principal_minor_units, outstanding_minor_units,
        annual_rate_e8, revision, created_at, updated_at, document)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
      """,
      stored.id, loan.application, loan.enterprise, stored.owner, loan.state.valueName,
      loan.principal?.currencyCode, loan.principal?.minorUnits, loan.outstandingPrincipal?.minorUnits,
      loan.annualRateE8, stored.revision, Timestamp(loan.createTime), Timestamp(loan.updateTime),
      loan.serializedBytes())
  }

  public static func update(_ stored: Stored<FinancingV1.Loan>, in connection: Connection) throws {
    let loan = stored.body
    let nextDue = loan.state.fallsOverdue ? loan.nextDueDate : nil
    let disbursed = try loan.disbursementDate.map { try CivilDate($0, field: "disbursement_date").description }
    try connection.execute(
      """
      UPDATE loan SET state = ?2, outstanding_minor_units = ?3, disbursement_date = ?4, revision = ?5, updated_at = ?6,
        document = ?7, next_due_date = ?8
      WHERE id = ?1
      """,
      stored.id, loan.state.valueName, loan.outstandingPrincipal?.minorUnits, disbursed, stored.revision,
      Timestamp(loan.updateTime), loan.serializedBytes(),
      try nextDue.map { try CivilDate($0, field: "next_due_date").description })
  }

  /// Loans with something due before a day, the longest overdue first, after the one at a due date and id.
  static func due(
    before day: CivilDate, after place: (dueDate: String, id: String), limit: Int, from connection: Connection
  ) throws -> [(dueDate: String, loan: Stored<FinancingV1.Loan>)] {
    try connection.query(
      """
      SELECT id, borrower, revision, document, next_due_date FROM loan
      WHERE next_due_date < ?1 AND (next_due_date, id) > (?2, ?3) ORDER BY next_due_date, id LIMIT ?4
      """, day.description, place.dueDate, place.id, limit
    ) { row in (try row[4], try read(row)) }
  }

  public static func scope(of loan: FinancingV1.Loan) -> String { loan.enterprise }

  public static func allows(
    _ principal: Principal, toWatch enterprise: String, _ connection: Connection
  ) throws -> Bool {
    try EnterpriseTables.allows(principal, toWatch: enterprise, connection)
  }

  public static func event(_ transition: Transition<FinancingV1.Loan>) -> FinancingV1.LoanEvent {
    FinancingV1.LoanEvent(
      resumeToken: transition.resumeToken, fromState: transition.from, toState: transition.body.state,
      loan: transition.body, actor: transition.actor, eventTime: transition.time.message)
  }

  private static func read(_ row: borrowing Row) throws -> Stored<FinancingV1.Loan> {
    let document: [UInt8] = try row[3]
    return Stored(
      try FinancingV1.Loan(serializedBytes: document), owner: try row[1], id: try row[0], revision: try row[2])
  }
}
