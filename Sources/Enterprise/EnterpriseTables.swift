import Contracts
import Identity
import Lifecycle
import RPC
import Store

extension EnterpriseV1.Enterprise: ResourceMessage {}

/// Enterprises in the database: the one place where rows become messages. Their owner is who registered them and acts
/// for them.
public enum EnterpriseTables: ResourceTable {
  public static let collection = "enterprises"
  public static let lifecycle = EnterpriseLifecycle.table

  private static let columns = "id, display_name, credit_code, state, registrant, revision, created_at, updated_at"

  public static func find(_ id: String, in connection: Connection) throws -> Stored<EnterpriseV1.Enterprise>? {
    try connection.first("SELECT \(columns) FROM enterprise WHERE id = ?1", id, row: read)
  }

  static func holder(ofCreditCode code: String, in connection: Connection) throws -> String? {
    try connection.first("SELECT id FROM enterprise WHERE credit_code = ?1", code) { row in
      "\(collection)/\(try row[0] as String)"
    }
  }

  static func page(
    after id: String, limit: Int, for principal: Principal, from connection: Connection
  ) throws -> [Stored<EnterpriseV1.Enterprise>] {
    let page = PageQuery(of: EnterpriseTables.self, after: id, limit: limit, for: principal)
    return try connection.query(
      "SELECT \(columns) FROM enterprise WHERE \(page.clause)", values: page.values, row: read)
  }

  public static func insert(_ stored: Stored<EnterpriseV1.Enterprise>, into connection: Connection) throws {
    let enterprise = stored.body
    try connection.execute(
      "INSERT INTO enterprise (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      stored.id, enterprise.displayName, enterprise.creditCode, enterprise.state.valueName, stored.owner,
      stored.revision, Timestamp(enterprise.createTime), Timestamp(enterprise.updateTime))
  }

  public static func update(_ stored: Stored<EnterpriseV1.Enterprise>, in connection: Connection) throws {
    try connection.execute(
      "UPDATE enterprise SET state = ?2, revision = ?3, updated_at = ?4 WHERE id = ?1",
      stored.id, stored.body.state.valueName, stored.revision, Timestamp(stored.body.updateTime))
  }

  public static func scope(of enterprise: EnterpriseV1.Enterprise) -> String { enterprise.name }

  public static func scope(ofId id: String, in connection: Connection) throws -> String? {
    try connection.first("SELECT id FROM enterprise WHERE id = ?1", id) { "\(collection)/\(try $0[0] as String)" }
  }

  /// An enterprise is for who registered it, and for staff and partners.
  public static func isVisible(
    scope enterprise: String, to principal: Principal, in connection: Connection
  ) throws -> Bool {
    guard principal.seesOwnOnly else { return true }
    let id = try ResourceName.id(enterprise, in: collection, field: "enterprise")
    let registrant = try connection.first("SELECT registrant FROM enterprise WHERE id = ?1", id) { row in
      try row[0] as String
    }
    return registrant == principal.subject
  }

  public static func restrict(_ page: inout PageQuery, to principal: Principal) {
    if principal.seesOwnOnly { page.require(principal.subject) { "registrant = \($0)" } }
  }

  public static func event(_ transition: Transition<EnterpriseV1.Enterprise>) -> EnterpriseV1.EnterpriseEvent {
    EnterpriseV1.EnterpriseEvent(
      resumeToken: transition.resumeToken, fromState: transition.from, toState: transition.body.state,
      enterprise: transition.body, actor: transition.actor, eventTime: transition.time.message)
  }

  private static func read(_ row: borrowing Row) throws -> Stored<EnterpriseV1.Enterprise> {
    let id: String = try row[0]
    let revision: Int64 = try row[5]
    return Stored(
      EnterpriseV1.Enterprise(
        name: "\(collection)/\(id)",
        displayName: try row[1],
        creditCode: try row[2],
        state: EnterpriseV1.Enterprise.State(valueName: try row[3]) ?? .unspecified,
        createTime: (try row[6] as Timestamp).message,
        updateTime: (try row[7] as Timestamp).message,
        etag: Etag.tag(version: revision)),
      owner: try row[4], id: id, revision: revision)
  }
}
