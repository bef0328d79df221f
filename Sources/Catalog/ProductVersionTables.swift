import Contracts
import FinancialMath
import Identity
import Lifecycle
import RPC
import Store
import Terms

/// Published versions of products in the database. They are only ever added.
public enum ProductVersionTables {
  /// The versions' place in resource names, `products/{product}/versions/{v}`.
  static let collection = "versions"

  static func name(_ product: String, _ number: Int64) -> String {
    "\(ProductTables.collection)/\(product)/\(collection)/\(number)"
  }

  /// The number of a version, by which a list goes on.
  static func number(of version: CatalogV1.ProductVersion) -> Int64 {
    version.name.split(separator: "/").last.flatMap { Int64($0) } ?? 0
  }

  /// The number in a product's version; nil before the first.
  static func number(of product: CatalogV1.Product) throws(RPCError) -> Int64? {
    product.version.isEmpty ? nil : try parse(product.version, field: "version").number
  }

  /// The version of a resource name, for a caller, who sees the versions of the products that the caller sees.
  ///
  /// - Throws: INVALID_ARGUMENT naming `name` for a malformed name; NOT_FOUND when there is none for the caller.
  static func load(
    _ name: String, for principal: Principal, from connection: Connection
  ) throws -> CatalogV1.ProductVersion {
    let product = try parse(name, field: "name").product
    guard try ProductTables.isVisible(id: product, to: principal, in: connection) else {
      throw RPCError.notFound(name, type: collection)
    }
    return try load(name, from: connection)
  }

  /// The version of a resource name.
  ///
  /// - Throws: INVALID_ARGUMENT naming `field` for a malformed name; NOT_FOUND when there is none.
  public static func load(
    _ name: String, field: String = "name", from connection: Connection
  ) throws -> CatalogV1.ProductVersion {
    let (product, number) = try parse(name, field: field)
    let found = try connection.first(
      "SELECT version, published_at, \(TermsColumns.names) FROM product_version WHERE product = ?1 AND version = ?2",
      product, number
    ) { row in try read(row, of: product) }
    guard let found else { throw RPCError.notFound(name, type: collection) }
    return found
  }

  static func page(
    of product: String, after number: Int64, limit: Int, from connection: Connection
  ) throws -> [CatalogV1.ProductVersion] {
    try connection.query(
      """
      SELECT version, published_at, \(TermsColumns.names) FROM product_version
      WHERE product = ?1 AND version > ?2 ORDER BY version LIMIT ?3
      """, product, number, limit
    ) { row in try read(row, of: product) }
  }

  /// Keeps the terms of a product, as it is stored, under the version that it names.
  static func insert(_ product: Stored<CatalogV1.Product>, into connection: Connection) throws {
    try connection.execute(
      """
      INSERT INTO product_version (product, version, published_at, \(TermsColumns.names))
      SELECT id, version, updated_at, \(TermsColumns.names) FROM product WHERE id = ?1
      """, product.id)
  }

  /// The name of a product's next version.
  static func next(of product: Stored<CatalogV1.Product>) throws(RPCError) -> String {
    name(product.id, (try number(of: product.body) ?? 0) + 1)
  }

  private static func parse(_ name: String, field: String) throws(RPCError) -> (product: String, number: Int64) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[2] == collection, let number = Int64(parts[3]), number > 0, "\(number)" == parts[3]
    else { throw .invalidArgument(field: field, "must be `products/{product}/versions/{v}`") }
    return (try ResourceName.id("\(parts[0])/\(parts[1])", in: ProductTables.collection, field: field), number)
  }

  private static func read(_ row: borrowing Row, of id: String) throws -> CatalogV1.ProductVersion {
    let name = name(id, try row[0])
    let time = (try row[1] as Timestamp).message
    var product = CatalogV1.Product(name: "\(ProductTables.collection)/\(id)", state: .published, version: name)
    try TermsColumns.read(row, from: 2, into: &product)
    return CatalogV1.ProductVersion(name: name, product: product, publishTime: time)
  }
}
