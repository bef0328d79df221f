import Contracts
import Identity
import RPC
import Store

/// The enterprises on the platform.
public struct EnterpriseService: EnterpriseV1.EnterpriseService {
  private let store: Store
  private let work: Work

  public init(store: Store, work: Work) {
    self.store = store
    self.work = work
  }

  public func registerEnterprise(
    _ request: EnterpriseV1.RegisterEnterpriseRequest, _ call: Call
  ) async throws -> EnterpriseV1.Enterprise {
    let principal = try call.caller()
    let draft = request.enterprise ?? EnterpriseV1.Enterprise()
    try Registration.check(draft)
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      if let holder = try EnterpriseTables.holder(ofCreditCode: draft.creditCode, in: unit.connection) {
        throw RPCError.alreadyExists(holder, type: EnterpriseTables.collection)
      }
      let id = unit.newId()
      let stored = EnterpriseTables.Stored(
        enterprise: EnterpriseV1.Enterprise(
          name: "\(EnterpriseTables.collection)/\(id)",
          displayName: draft.displayName,
          creditCode: draft.creditCode,
          state: .pendingVerification,
          createTime: unit.now.message,
          updateTime: unit.now.message,
          etag: Etag.tag(version: 1)),
        registrant: principal.subject, id: id, revision: 1)
      try EnterpriseTables.insert(stored, into: unit.connection)
      try unit.audit(resource: stored.enterprise.name, action: "register")
      return stored.enterprise
    }
  }

  public func verifyEnterprise(
    _ request: EnterpriseV1.VerifyEnterpriseRequest, _ call: Call
  ) async throws -> EnterpriseV1.Enterprise {
    let principal = try call.caller()
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      var stored = try EnterpriseTables.load(request.name, field: "name", for: principal, from: unit.connection)
      try Etag.check(request.etag, version: stored.revision)
      try EnterpriseLifecycle.check(stored.enterprise, to: .verified)
      stored.enterprise.state = .verified
      stored.revision += 1
      stored.enterprise.etag = Etag.tag(version: stored.revision)
      stored.enterprise.updateTime = unit.now.message
      try EnterpriseTables.updateState(stored, in: unit.connection)
      try unit.audit(resource: stored.enterprise.name, action: "verify")
      return stored.enterprise
    }
  }

  public func getEnterprise(
    _ request: EnterpriseV1.GetEnterpriseRequest, _ call: Call
  ) async throws -> EnterpriseV1.Enterprise {
    let principal = try call.caller()
    return try store.read { connection in
      try EnterpriseTables.load(request.name, field: "name", for: principal, from: connection).enterprise
    }
  }

  public func listEnterprises(
    _ request: EnterpriseV1.ListEnterprisesRequest, _ call: Call
  ) async throws -> EnterpriseV1.ListEnterprisesResponse {
    let principal = try call.caller()
    let page = try store.page(
      size: request.pageSize, token: request.pageToken, query: call.method.path, principal.subject)
    let after = try page.text(0)
    var enterprises = try await store.scan { connection in
      try EnterpriseTables.page(after: after, limit: page.fetchCount, for: principal, from: connection)
    }
    let next = page.finish(&enterprises) { [$0.id] }
    return EnterpriseV1.ListEnterprisesResponse(
      enterprises: enterprises.map(\.enterprise), nextPageToken: next)
  }
}
