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
public enum LoanTables: EnterpriseOwned {
  public static let collection = "loans"
  public static let lifecycle = LoanLifecycle.table

  public static func find(_ id: String, in connection: Connection) throws -> Stored<FinancingV1.Loan>? {
    try connection.first("SELECT id, borrower, revision, document FROM loan WHERE id = ?1", id, row: read)
  }

  static func page(
    after id: String, limit: Int, enterprise: String?, for principal: Principal, from connection: Connection
  ) throws -> [Stored<FinancingV1.Loan>] {
    var page = PageQuery(of: LoanTables.self, after: id, limit: limit, for: principal)
    if let enterprise { page.require(enterprise) { "enterprise = \($0)" } }
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
    // One that is overdue does not pass its observation, whatever the date.
    let observed = loan.state == .restructured ? loan.observation?.endDate : nil
    try connection.execute(
      """
      UPDATE loan SET state = ?2, outstanding_minor_units = ?3, disbursement_date = ?4, revision = ?5, updated_at = ?6,
        document = ?7, next_due_date = ?8, annual_rate_e8 = ?9, observation_end_date = ?10
      WHERE id = ?1
      """,
      stored.id, loan.state.valueName, loan.outstandingPrincipal?.minorUnits,
      try column(loan.disbursementDate, "disbursement_date"), stored.revision, Timestamp(loan.updateTime),
      loan.serializedBytes(), try column(nextDue, "next_due_date"), loan.annualRateE8,
      try column(observed, "observation.end_date"))
  }

  private static func column(_ date: GoogleType.Date?, _ field: String) throws -> String? {
    try date.map { try CivilDate($0, field: field).description }
  }

  /// Loans by a date of theirs that is before a day, the earliest first: those after the one at a date and id, so many.
  typealias DatedQuery = (
    _ day: CivilDate, _ place: (date: String, id: String), _ limit: Int, _ connection: Connection
  ) throws -> [(date: String, loan: Stored<FinancingV1.Loan>)]

  /// Loans with something due before a day, the longest overdue first.
  static func due(
    before day: CivilDate, after place: (date: String, id: String), limit: Int, from connection: Connection
  ) throws -> [(date: String, loan: Stored<FinancingV1.Loan>)] {
    try connection.query(
      """
      SELECT id, borrower, revision, document, next_due_date FROM loan
      WHERE next_due_date < ?1 AND (next_due_date, id) > (?2, ?3) ORDER BY next_due_date, id LIMIT ?4
      """, day.description, place.date, place.id, limit
    ) { row in (try row[4], try read(row)) }
  }

  /// Restructured loans in order whose observation ended before a day.
  static func observed(
    before day: CivilDate, after place: (date: String, id: String), limit: Int, from connection: Connection
  ) throws -> [(date: String, loan: Stored<FinancingV1.Loan>)] {
    try connection.query(
      """
      SELECT id, borrower, revision, document, observation_end_date FROM loan
      WHERE observation_end_date < ?1 AND (observation_end_date, id) > (?2, ?3)
      ORDER BY observation_end_date, id LIMIT ?4
      """, day.description, place.date, place.id, limit
    ) { row in (try row[4], try read(row)) }
  }

  public static func scope(of loan: FinancingV1.Loan) -> String { loan.enterprise }

  public static func event(_ transition: Transition<FinancingV1.Loan>) -> FinancingV1.LoanEvent {
    FinancingV1.LoanEvent(
      resumeToken: transition.resumeToken, fromState: transition.from, toState: transition.body.state,
      loan: transition.body, actor: transition.actor, eventTime: transition.time.message)
  }

  /// A loan that is settled, written off or ACTIVE again is under observation no more.
  public static func didMove(_ loan: inout FinancingV1.Loan, from state: FinancingV1.Loan.State, at now: Timestamp) {
    if !loan.state.isObserved { loan.observation = nil }
  }

  private static func read(_ row: borrowing Row) throws -> Stored<FinancingV1.Loan> {
    let document: [UInt8] = try row[3]
    var loan = try FinancingV1.Loan(serializedBytes: document)
    // Loans that were paid out before schedules had revisions do not name their first one.
    if loan.scheduleRevision == 0, loan.disbursementDate != nil { loan.scheduleRevision = 1 }
    return Stored(loan, owner: try row[1], id: try row[0], revision: try row[2])
  }
}
