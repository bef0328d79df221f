import Contracts
import FinancialMath
import Identity
import RPC
import Store
import Terms

/// The products on offer.
public struct CatalogService: CatalogV1.CatalogService {
  private let store: Store
  private let work: Work

  public init(store: Store, work: Work) {
    self.store = store
    self.work = work
  }

  public func createProduct(
    _ request: CatalogV1.CreateProductRequest, _ call: Call
  ) async throws -> CatalogV1.Product {
    let draft = request.product ?? CatalogV1.Product()
    let terms = try ProductTerms(draft)
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      let id = unit.newId()
      var product = draft
      product.name = "\(ProductTables.collection)/\(id)"
      product.state = .draft
      product.version = ""
      product.rounding = TypeV1.Rounding(terms.rounding)
      product.frequency = terms.frequency.message
      product.createTime = unit.now.message
      product.updateTime = unit.now.message
      product.etag = Etag.tag(version: 1)
      let stored = ProductTables.Stored(product: product, id: id, version: nil, revision: 1)
      try ProductTables.insert(stored, terms, into: unit.connection)
      try unit.audit(resource: product.name, action: "create")
      return product
    }
  }

  public func publishProduct(
    _ request: CatalogV1.PublishProductRequest, _ call: Call
  ) async throws -> CatalogV1.Product {
    let principal = try call.caller()
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      var stored = try ProductTables.load(request.name, field: "name", for: principal, from: unit.connection)
      try Etag.check(request.etag, version: stored.revision)
      try Self.move(&stored, to: .inTest, unit)
      try ProductTerms(stored.product).test(startDate: try unit.businessDate.civilDate)
      stored.version = 1
      try Self.move(&stored, to: .published, unit)
      stored.product.version = "\(stored.product.name)/versions/1"
      try ProductTables.updateState(stored, in: unit.connection)
      return stored.product
    }
  }

  public func getProduct(_ request: CatalogV1.GetProductRequest, _ call: Call) async throws -> CatalogV1.Product {
    let principal = try call.caller()
    return try store.read { connection in
      try ProductTables.load(request.name, field: "name", for: principal, from: connection).product
    }
  }

  public func listProducts(
    _ request: CatalogV1.ListProductsRequest, _ call: Call
  ) async throws -> CatalogV1.ListProductsResponse {
    let principal = try call.caller()
    let page = try store.page(
      size: request.pageSize, token: request.pageToken, query: call.method.path, principal.subject)
    let after = try page.text(0)
    var products = try await store.scan { connection in
      try ProductTables.page(after: after, limit: page.fetchCount, for: principal, from: connection)
    }
    let next = page.finish(&products) { [String($0.name.dropFirst(ProductTables.collection.utf8.count + 1))] }
    return CatalogV1.ListProductsResponse(products: products, nextPageToken: next)
  }

  private static func move(
    _ stored: inout ProductTables.Stored, to state: CatalogV1.Product.State, _ unit: UnitOfWork
  ) throws {
    let from = stored.product.state
    try ProductLifecycle.check(stored.product, to: state)
    stored.product.state = state
    stored.revision += 1
    stored.product.etag = Etag.tag(version: stored.revision)
    stored.product.updateTime = unit.now.message
    try unit.audit(
      resource: stored.product.name, action: "transition",
      detail: "\(from.valueName ?? "") to \(state.valueName ?? "")")
  }
}
