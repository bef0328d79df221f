import Contracts
import Identity
import RPC
import Store

/// Enterprises in the database: the one place where rows become messages.
public enum EnterpriseTables {
  static let collection = "enterprises"

  private static let columns = "id, display_name, credit_code, state, registrant, revision, created_at, updated_at"

  /// An enterprise as stored, with what its message does not show.
  public struct Stored: Sendable {
    public var enterprise: EnterpriseV1.Enterprise
    /// The subject of the caller who registered it and acts for it.
    public var registrant: String
    var id: String
    var revision: Int64

    public func isVisible(to principal: Principal) -> Bool {
      EnterpriseTables.isVisible(registrant: registrant, to: principal)
    }
  }

  /// The rule of ownership: an enterprise's user sees the enterprises that the user registered.
  private static func isVisible(registrant: String, to principal: Principal) -> Bool {
    !principal.seesOwnOnly || registrant == principal.subject
  }

  /// The enterprise of a resource name, as far as the caller may see it.
  ///
  /// - Throws: INVALID_ARGUMENT naming `field` for a malformed name; NOT_FOUND when there is none, or none of the caller's.
  public static func load(
    _ name: String, field: String, for principal: Principal, from connection: Connection
  ) throws -> Stored {
    let id = try ResourceName.id(name, in: collection, field: field)
    let stored = try connection.first("SELECT \(columns) FROM enterprise WHERE id = ?1", id, row: read)
    guard let stored, stored.isVisible(to: principal) else { throw RPCError.notFound(name, type: collection) }
    return stored
  }

  /// Throws what `load` would, for those who need nothing of the enterprise but that it is there.
  public static func check(
    _ name: String, field: String, for principal: Principal, from connection: Connection
  ) throws {
    guard try isVisible(name, field: field, to: principal, from: connection) else {
      throw RPCError.notFound(name, type: collection)
    }
  }

  /// Whether an enterprise is the caller's to see; not so when there is none.
  ///
  /// - Throws: INVALID_ARGUMENT naming `field` for a malformed name.
  public static func isVisible(
    _ name: String, field: String, to principal: Principal, from connection: Connection
  ) throws -> Bool {
    let id = try ResourceName.id(name, in: collection, field: field)
    let registrant: String? = try connection.first("SELECT registrant FROM enterprise WHERE id = ?1", id) { try $0[0] }
    return registrant.map { isVisible(registrant: $0, to: principal) } ?? false
  }

  static func holder(ofCreditCode code: String, in connection: Connection) throws -> String? {
    try connection.first("SELECT id FROM enterprise WHERE credit_code = ?1", code) { row in
      "\(collection)/\(try row[0] as String)"
    }
  }

  static func page(
    after id: String, limit: Int, for principal: Principal, from connection: Connection
  ) throws -> [Stored] {
    try connection.query(
      """
      SELECT \(columns) FROM enterprise
      WHERE id > ?1 AND (?2 IS NULL OR registrant = ?2) ORDER BY id LIMIT ?3
      """, id, principal.seesOwnOnly ? principal.subject : nil, limit, row: read)
  }

  static func insert(_ stored: Stored, into connection: Connection) throws {
    let enterprise = stored.enterprise
    try connection.execute(
      "INSERT INTO enterprise (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      stored.id, enterprise.displayName, enterprise.creditCode, enterprise.state.valueName, stored.registrant,
      stored.revision, Timestamp(enterprise.createTime), Timestamp(enterprise.updateTime))
  }

  static func updateState(_ stored: Stored, in connection: Connection) throws {
    try connection.execute(
      "UPDATE enterprise SET state = ?2, revision = ?3, updated_at = ?4 WHERE id = ?1",
      stored.id, stored.enterprise.state.valueName, stored.revision, Timestamp(stored.enterprise.updateTime))
  }

  private static func read(_ row: borrowing Row) throws -> Stored {
    let id: String = try row[0]
    let revision: Int64 = try row[5]
    return Stored(
      enterprise: EnterpriseV1.Enterprise(
        name: "\(collection)/\(id)",
        displayName: try row[1],
        creditCode: try row[2],
        state: EnterpriseV1.Enterprise.State(valueName: try row[3]) ?? .unspecified,
        createTime: (try row[6] as Timestamp).message,
        updateTime: (try row[7] as Timestamp).message,
        etag: Etag.tag(version: revision)),
      registrant: try row[4], id: id, revision: revision)
  }
}
