import Contracts
import FinancialMath
import Identity
import Lifecycle
import RPC
import Store
import Terms

extension CatalogV1.Product: ResourceMessage {}

/// Products in the database: the one place where rows become messages.
public enum ProductTables: ResourceTable {
  public static let collection = "products"
  public static let lifecycle = ProductLifecycle.table

  private static let columns = "id, state, version, revision, created_at, updated_at, \(TermsColumns.names)"

  public static func find(_ id: String, in connection: Connection) throws -> Stored<CatalogV1.Product>? {
    try connection.first("SELECT \(columns) FROM product WHERE id = ?1", id, row: read)
  }

  static func page(
    after id: String, limit: Int, for principal: Principal, from connection: Connection
  ) throws -> [Stored<CatalogV1.Product>] {
    let page = PageQuery(of: ProductTables.self, after: id, limit: limit, for: principal)
    return try connection.query("SELECT \(columns) FROM product WHERE \(page.clause)", values: page.values, row: read)
  }

  public static func insert(_ stored: Stored<CatalogV1.Product>, into connection: Connection) throws {
    try write(stored, connection)
  }

  public static func update(_ stored: Stored<CatalogV1.Product>, in connection: Connection) throws {
    try write(stored, connection)
  }

  private static func write(_ stored: Stored<CatalogV1.Product>, _ connection: Connection) throws {
    let product = stored.body
    let (unit, count) = TermsColumns.frequency(of: product)
    try connection.execute(
      """
      INSERT INTO product (\(columns))
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
      ON CONFLICT (id) DO UPDATE SET state = excluded.state, version = excluded.version, revision = excluded.revision,
        updated_at = excluded.updated_at, \(TermsColumns.assignments)
      """,
      stored.id, product.state.valueName, try ProductVersionTables.number(of: product), stored.revision,
      Timestamp(product.createTime), Timestamp(product.updateTime), product.displayName, product.annualRateE8,
      product.minInstallmentCount, product.maxInstallmentCount, product.minAmount?.currencyCode,
      product.minAmount?.minorUnits, product.maxAmount?.minorUnits, product.repaymentMethod.valueName,
      product.dayCount.valueName, product.rounding?.mode.valueName, product.rounding?.multipleOf, unit, count,
      product.jurisdiction, product.lenderClass)
  }

  /// Empty until the product is published for the first time.
  public static func scope(of product: CatalogV1.Product) -> String { product.version.isEmpty ? "" : product.name }

  public static func scope(ofId id: String, in connection: Connection) throws -> String? {
    try connection.first("SELECT version IS NULL FROM product WHERE id = ?1", id) { row in
      try row[0] as Bool ? "" : "\(collection)/\(id)"
    }
  }

  /// A product that was never published is for operators only; everybody sees the others, whatever became of them.
  public static func isVisible(scope: String, to principal: Principal, in connection: Connection) -> Bool {
    principal.has(.operator) || !scope.isEmpty
  }

  public static func restrict(_ page: inout PageQuery, to principal: Principal) {
    if !principal.has(.operator) { page.require("version IS NOT NULL") }
  }

  public static func event(_ transition: Transition<CatalogV1.Product>) -> CatalogV1.ProductEvent {
    CatalogV1.ProductEvent(
      resumeToken: transition.resumeToken, fromState: transition.from, toState: transition.body.state,
      product: transition.body, actor: transition.actor, eventTime: transition.time.message)
  }

  private static func read(_ row: borrowing Row) throws -> Stored<CatalogV1.Product> {
    let id: String = try row[0]
    let version: Int64? = try row[2]
    let revision: Int64 = try row[3]
    var product = CatalogV1.Product(
      name: "\(collection)/\(id)",
      state: CatalogV1.Product.State(valueName: try row[1]) ?? .unspecified,
      version: version.map { ProductVersionTables.name(id, $0) } ?? "",
      createTime: (try row[4] as Timestamp).message,
      updateTime: (try row[5] as Timestamp).message,
      etag: Etag.tag(version: revision))
    try TermsColumns.read(row, from: 6, into: &product)
    return Stored(product, owner: "", id: id, revision: revision)
  }
}
