import Contracts
import Enterprise
import Identity
import Lifecycle
import RPC
import Store
import Terms

extension FinancingV1.Application: ResourceMessage {}

/// Applications in the database: the one place where rows become messages. Their owner is who applied.
///
/// What people search and report on has columns of its own; the message beside them is the entity.
public enum ApplicationTables: EnterpriseOwned {
  public static let collection = "applications"
  public static let lifecycle = ApplicationLifecycle.table

  public static func find(_ id: String, in connection: Connection) throws -> Stored<FinancingV1.Application>? {
    try connection.first("SELECT id, applicant, revision, document FROM application WHERE id = ?1", id, row: read)
  }

  static func page(
    after id: String, limit: Int, enterprise: String?, for principal: Principal, from connection: Connection
  ) throws -> [Stored<FinancingV1.Application>] {
    var page = PageQuery(of: ApplicationTables.self, after: id, limit: limit, for: principal)
    if let enterprise { page.require(enterprise) { "enterprise = \($0)" } }
    return try connection.query(
      "SELECT id, applicant, revision, document FROM application WHERE \(page.clause)", values: page.values, row: read)
  }

  public static func insert(_ stored: Stored<FinancingV1.Application>, into connection: Connection) throws {
    let application = stored.body
    try connection.execute(
      """
      INSERT INTO application (
        id, enterprise, product, applicant, state, currency_code, amount_minor_units, installment_count, revision,
        created_at, updated_at, document)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
      """,
      stored.id, application.enterprise, application.product, stored.owner, application.state.valueName,
      application.amount?.currencyCode, application.amount?.minorUnits, application.installmentCount, stored.revision,
      Timestamp(application.createTime), Timestamp(application.updateTime), application.serializedBytes())
  }

  public static func update(_ stored: Stored<FinancingV1.Application>, in connection: Connection) throws {
    let application = stored.body
    try connection.execute(
      """
      UPDATE application SET state = ?2, revision = ?3, updated_at = ?4, document = ?5, offer_expires_at = ?6
      WHERE id = ?1
      """,
      stored.id, application.state.valueName, stored.revision, Timestamp(application.updateTime),
      application.serializedBytes(), application.offer.map { Timestamp($0.expireTime) })
  }

  /// Approved applications after an id whose offers may have ended by a moment; of those from before offers' ends were
  /// kept it is not known here.
  static func approved(
    endingBy moment: Timestamp, after id: String, limit: Int, from connection: Connection
  ) throws -> [Stored<FinancingV1.Application>] {
    try connection.query(
      """
      SELECT id, applicant, revision, document FROM application
      WHERE state = 'APPROVED' AND id > ?1 AND (offer_expires_at IS NULL OR offer_expires_at <= ?2)
      ORDER BY id LIMIT ?3
      """, id, moment, limit, row: read)
  }

  public static func didMove(_ application: inout FinancingV1.Application, from state: Body.State, at now: Timestamp) {
    application.runDecisionClock(after: state, at: now)
  }

  public static func scope(of application: FinancingV1.Application) -> String { application.enterprise }

  public static func event(_ transition: Transition<FinancingV1.Application>) -> FinancingV1.ApplicationEvent {
    FinancingV1.ApplicationEvent(
      resumeToken: transition.resumeToken, fromState: transition.from, toState: transition.body.state,
      application: transition.body, actor: transition.actor, eventTime: transition.time.message)
  }

  private static func read(_ row: borrowing Row) throws -> Stored<FinancingV1.Application> {
    let document: [UInt8] = try row[3]
    return Stored(
      try FinancingV1.Application(serializedBytes: document), owner: try row[1], id: try row[0],
      revision: try row[2])
  }
}
