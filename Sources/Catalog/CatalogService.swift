import Contracts
import FinancialMath
import Identity
import Lifecycle
import RPC
import Store
import Terms

extension CatalogV1.TestProductRequest: ChangeRequest {}
extension CatalogV1.PublishProductRequest: ChangeRequest {}
extension CatalogV1.SuspendProductRequest: ChangeRequest {}
extension CatalogV1.RetireProductRequest: ChangeRequest {}
extension CatalogV1.ListProductsRequest: ListRequest {}
extension CatalogV1.ListProductVersionsRequest: ListRequest {}
extension CatalogV1.WatchProductsRequest: WatchRequest {}

extension CatalogV1.UpdateProductRequest: ChangeRequest {
  public var name: String { product?.name ?? "" }
  public var etag: String { product?.etag ?? "" }
}

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
    let principal = try call.caller()
    var draft = request.product ?? CatalogV1.Product()
    try ProductTerms.complete(&draft)
    draft.state = .unspecified
    draft.version = ""
    return try await work.perform(request, requestId: request.requestId, call) { [draft] unit in
      try Change<ProductTables>(creating: draft, as: .draft, owner: principal.subject, in: unit).body
    }
  }

  public func updateProduct(
    _ request: CatalogV1.UpdateProductRequest, _ call: Call
  ) async throws -> CatalogV1.Product {
    try await work.change(ProductTables.self, request, call) { change in
      guard change.body.state != .retired else {
        throw RPCError.failedPrecondition(
          reason: "PRODUCT_RETIRED", message: "\(request.name) is retired and changes no more", subject: request.name)
      }
      try ProductUpdate.apply(request.product ?? CatalogV1.Product(), request.updateMask, to: &change.body)
      // The same rules as for a product that is created.
      let violations = CatalogV1.CreateProductRequest(product: change.body).checkRules()
      guard violations.isEmpty else { throw RPCError.brokenRules(violations) }
      let terms = try ProductTerms.complete(&change.body)
      if change.body.state != .draft { try terms.test(startDate: try change.unit.businessDate.civilDate) }
      let isPublished = !change.body.version.isEmpty
      if isPublished { change.body.version = try ProductVersionTables.next(of: change.stored) }
      try change.save()
      if isPublished { try ProductVersionTables.insert(change.stored, into: change.unit.connection) }
      try change.record("update", (request.updateMask?.paths ?? []).joined(separator: ", "))
    }
  }

  public func testProduct(_ request: CatalogV1.TestProductRequest, _ call: Call) async throws -> CatalogV1.Product {
    try await work.change(ProductTables.self, request, call) { change in
      try change.check(to: .inTest, by: .officer)
      try ProductTerms(change.body).test(startDate: try change.unit.businessDate.civilDate)
      try change.move(to: .inTest, by: .officer)
    }
  }

  public func publishProduct(
    _ request: CatalogV1.PublishProductRequest, _ call: Call
  ) async throws -> CatalogV1.Product {
    try await work.change(ProductTables.self, request, call) { change in
      try change.check(to: .published, by: .officer)
      let isFirst = change.body.version.isEmpty
      if isFirst { change.body.version = try ProductVersionTables.next(of: change.stored) }
      try change.move(to: .published, by: .officer)
      if isFirst { try ProductVersionTables.insert(change.stored, into: change.unit.connection) }
    }
  }

  public func suspendProduct(
    _ request: CatalogV1.SuspendProductRequest, _ call: Call
  ) async throws -> CatalogV1.Product {
    try await work.change(ProductTables.self, request, call) { change in
      try change.move(to: .suspended, by: .officer)
      try change.record("suspend", request.reason)
    }
  }

  public func retireProduct(
    _ request: CatalogV1.RetireProductRequest, _ call: Call
  ) async throws -> CatalogV1.Product {
    try await work.change(ProductTables.self, request, call) { try $0.move(to: .retired, by: .officer) }
  }

  public func getProduct(_ request: CatalogV1.GetProductRequest, _ call: Call) async throws -> CatalogV1.Product {
    let principal = try call.caller()
    return try store.read { try ProductTables.load(request.name, for: principal, from: $0).body }
  }

  public func listProducts(
    _ request: CatalogV1.ListProductsRequest, _ call: Call
  ) async throws -> CatalogV1.ListProductsResponse {
    let principal = try call.caller()
    let (products, next) = try await store.list(request, call, by: \.id) { after, limit, connection in
      try ProductTables.page(after: after, limit: limit, for: principal, from: connection)
    }
    return CatalogV1.ListProductsResponse(products: products.map(\.body), nextPageToken: next)
  }

  public func getProductVersion(
    _ request: CatalogV1.GetProductVersionRequest, _ call: Call
  ) async throws -> CatalogV1.ProductVersion {
    let principal = try call.caller()
    return try store.read { try ProductVersionTables.load(request.name, for: principal, from: $0) }
  }

  public func listProductVersions(
    _ request: CatalogV1.ListProductVersionsRequest, _ call: Call
  ) async throws -> CatalogV1.ListProductVersionsResponse {
    let principal = try call.caller()
    let (versions, next) = try await store.list(request, call, by: ProductVersionTables.number(of:)) {
      after, limit, connection in
      let product = try ProductTables.load(request.parent, field: "parent", for: principal, from: connection)
      return try ProductVersionTables.page(of: product.id, after: after, limit: limit, from: connection)
    }
    return CatalogV1.ListProductVersionsResponse(productVersions: versions, nextPageToken: next)
  }

  public func watchProducts(
    _ request: CatalogV1.WatchProductsRequest, _ events: ResponseStream<CatalogV1.ProductEvent>, _ call: Call
  ) async throws {
    try await store.watch(ProductTables.self, request, events, call)
  }
}
