import Contracts
import FinancialMath
import Identity
import RPC
import Store

/// Products in the database: the one place where rows become messages.
public enum ProductTables {
  static let collection = "products"

  /// The units of a payment frequency in the table.
  private static let month = "MONTH"
  private static let day = "DAY"

  private static let columns = """
    id, display_name, state, version, annual_rate_e8, min_installment_count, max_installment_count, currency_code,
    min_amount_minor_units, max_amount_minor_units, repayment_method, day_count, rounding_mode, rounding_multiple_of,
    frequency_unit, frequency_count, revision, created_at, updated_at
    """

  /// A product as stored, with what its message does not show.
  public struct Stored: Sendable {
    public var product: CatalogV1.Product
    var id: String
    var version: Int64?
    var revision: Int64

    /// Drafts are the staff's; everybody else sees what was published.
    func isVisible(to principal: Principal) -> Bool {
      ProductTables.isVisible(version: version, to: principal)
    }
  }

  private static func isVisible(version: Int64?, to principal: Principal) -> Bool {
    principal.has(.operator) || version != nil
  }

  /// The product of a resource name, as far as the caller may see it.
  ///
  /// - Throws: INVALID_ARGUMENT naming `field` for a malformed name; NOT_FOUND when there is none for the caller.
  public static func load(
    _ name: String, field: String, for principal: Principal, from connection: Connection
  ) throws -> Stored {
    let id = try ResourceName.id(name, in: collection, field: field)
    let stored = try connection.first("SELECT \(columns) FROM product WHERE id = ?1", id, row: read)
    guard let stored, stored.isVisible(to: principal) else { throw RPCError.notFound(name, type: collection) }
    return stored
  }

  /// Throws what `load` would, for those who need nothing of the product but that it is there.
  public static func check(
    _ name: String, field: String, for principal: Principal, from connection: Connection
  ) throws {
    let id = try ResourceName.id(name, in: collection, field: field)
    let version: Int64?? = try connection.first("SELECT version FROM product WHERE id = ?1", id) { try $0[0] }
    guard let version, isVisible(version: version, to: principal) else {
      throw RPCError.notFound(name, type: collection)
    }
  }

  static func page(
    after id: String, limit: Int, for principal: Principal, from connection: Connection
  ) throws -> [CatalogV1.Product] {
    try connection.query(
      """
      SELECT \(columns) FROM product
      WHERE id > ?1 AND (?2 OR version IS NOT NULL) ORDER BY id LIMIT ?3
      """, id, principal.has(.operator), limit
    ) { row in try read(row).product }
  }

  static func insert(_ stored: Stored, _ terms: ProductTerms, into connection: Connection) throws {
    let product = stored.product
    let (unit, count) =
      switch terms.frequency {
      case .monthly(let months): (month, months)
      case .everyDays(let days): (day, days)
      }
    try connection.execute(
      """
      INSERT INTO product (\(columns))
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
      """,
      stored.id, product.displayName, product.state.valueName, stored.version, product.annualRateE8,
      product.minInstallmentCount, product.maxInstallmentCount, terms.minAmount.currency.code,
      terms.minAmount.minorUnits, terms.maxAmount.minorUnits, terms.method.rawValue, terms.dayCount.rawValue,
      terms.rounding.mode.rawValue, terms.rounding.multipleOf, unit, count, stored.revision,
      Timestamp(product.createTime), Timestamp(product.updateTime))
  }

  static func updateState(_ stored: Stored, in connection: Connection) throws {
    try connection.execute(
      "UPDATE product SET state = ?2, version = ?3, revision = ?4, updated_at = ?5 WHERE id = ?1",
      stored.id, stored.product.state.valueName, stored.version, stored.revision,
      Timestamp(stored.product.updateTime))
  }

  private static func read(_ row: borrowing Row) throws -> Stored {
    let id: String = try row[0]
    let version: Int64? = try row[3]
    let currency: String = try row[7]
    let revision: Int64 = try row[16]
    let count: Int32 = try row[15]
    return Stored(
      product: CatalogV1.Product(
        name: "\(collection)/\(id)",
        displayName: try row[1],
        state: CatalogV1.Product.State(valueName: try row[2]) ?? .unspecified,
        version: version.map { "\(collection)/\(id)/versions/\($0)" } ?? "",
        annualRateE8: try row[4],
        minInstallmentCount: try row[5],
        maxInstallmentCount: try row[6],
        minAmount: TypeV1.Money(currencyCode: currency, minorUnits: try row[8]),
        maxAmount: TypeV1.Money(currencyCode: currency, minorUnits: try row[9]),
        repaymentMethod: TypeV1.RepaymentMethod(valueName: try row[10]) ?? .unspecified,
        dayCount: TypeV1.DayCount(valueName: try row[11]) ?? .unspecified,
        rounding: TypeV1.Rounding(
          mode: TypeV1.RoundingMode(valueName: try row[12]) ?? .unspecified, multipleOf: try row[13]),
        frequency: TypeV1.PaymentFrequency(
          frequency: (try row[14] as String) == month ? .everyMonths(count) : .everyDays(count)),
        createTime: (try row[17] as Timestamp).message,
        updateTime: (try row[18] as Timestamp).message,
        etag: Etag.tag(version: revision)),
      id: id, version: version, revision: revision)
  }
}
