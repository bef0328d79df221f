import Contracts
import Identity
import RPC
import Store
import Terms

/// Applications in the database: the one place where rows become messages.
///
/// What people search and report on has columns of its own; the message beside them is the entity.
enum ApplicationTables {
  static let collection = "applications"

  /// An application as stored, with what its message does not show.
  struct Stored: Sendable {
    var application: FinancingV1.Application
    /// The subject of the caller who applied.
    var applicant: String
    var id: String
    var revision: Int64

    /// The rule of ownership: an enterprise's user sees the applications that the user made.
    func isVisible(to principal: Principal) -> Bool {
      !principal.seesOwnOnly || applicant == principal.subject
    }
  }

  /// The application of a resource name, as far as the caller may see it.
  ///
  /// - Throws: INVALID_ARGUMENT naming `field` for a malformed name; NOT_FOUND when there is none for the caller.
  static func load(
    _ name: String, field: String = "name", for principal: Principal, from connection: Connection
  ) throws -> Stored {
    let id = try ResourceName.id(name, in: collection, field: field)
    let stored = try connection.first(
      "SELECT id, applicant, revision, document FROM application WHERE id = ?1", id, row: read)
    guard let stored, stored.isVisible(to: principal) else { throw RPCError.notFound(name, type: collection) }
    return stored
  }

  static func page(
    after id: String, limit: Int, enterprise: String?, for principal: Principal, from connection: Connection
  ) throws -> [Stored] {
    let page = OwnedPage(after: id, limit: limit, enterprise: enterprise, owner: "applicant", for: principal)
    return try connection.query(
      "SELECT id, applicant, revision, document FROM application WHERE \(page.clause)", values: page.values, row: read)
  }

  static func insert(_ stored: Stored, into connection: Connection) throws {
    let application = stored.application
    try connection.execute(
      """
      INSERT INTO application (
        id, enterprise, product, applicant, state, currency_code, amount_minor_units, installment_count, revision,
        created_at, updated_at, document)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
      """,
      stored.id, application.enterprise, application.product, stored.applicant, application.state.valueName,
      application.amount?.currencyCode, application.amount?.minorUnits, application.installmentCount, stored.revision,
      Timestamp(application.createTime), Timestamp(application.updateTime), application.serializedBytes())
  }

  static func update(_ stored: Stored, in connection: Connection) throws {
    let application = stored.application
    try connection.execute(
      "UPDATE application SET state = ?2, revision = ?3, updated_at = ?4, document = ?5 WHERE id = ?1",
      stored.id, application.state.valueName, stored.revision, Timestamp(application.updateTime),
      application.serializedBytes())
  }

  private static func read(_ row: borrowing Row) throws -> Stored {
    let document: [UInt8] = try row[3]
    return Stored(
      application: try FinancingV1.Application(serializedBytes: document),
      applicant: try row[1], id: try row[0], revision: try row[2])
  }
}
