import Contracts
import Identity
import Lifecycle
import RPC
import Store

extension EnterpriseV1.VerifyEnterpriseRequest: ChangeRequest {}
extension EnterpriseV1.SuspendEnterpriseRequest: ChangeRequest {}
extension EnterpriseV1.CloseEnterpriseRequest: ChangeRequest {}
extension EnterpriseV1.ListEnterprisesRequest: ListRequest {}
extension EnterpriseV1.WatchEnterprisesRequest: WatchRequest {}

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
      var change = try Change<EnterpriseTables>(
        creating: EnterpriseV1.Enterprise(displayName: draft.displayName, creditCode: draft.creditCode),
        as: .draft, owner: principal.subject, in: unit)
      try change.move(to: .pendingVerification, by: .applicant)
      return change.body
    }
  }

  public func verifyEnterprise(
    _ request: EnterpriseV1.VerifyEnterpriseRequest, _ call: Call
  ) async throws -> EnterpriseV1.Enterprise {
    try await work.change(EnterpriseTables.self, request, call) { change in
      try change.move(to: .verified, by: .officer)
      try change.record("verify", request.evidence)
    }
  }

  public func suspendEnterprise(
    _ request: EnterpriseV1.SuspendEnterpriseRequest, _ call: Call
  ) async throws -> EnterpriseV1.Enterprise {
    try await work.change(EnterpriseTables.self, request, call) { change in
      try change.move(to: .suspended, by: .officer)
      try change.record("suspend", request.reason)
    }
  }

  public func closeEnterprise(
    _ request: EnterpriseV1.CloseEnterpriseRequest, _ call: Call
  ) async throws -> EnterpriseV1.Enterprise {
    try await work.change(EnterpriseTables.self, request, call) { change in
      try change.move(to: .closed, by: .officer)
      try change.record("close", request.reason)
    }
  }

  public func getEnterprise(
    _ request: EnterpriseV1.GetEnterpriseRequest, _ call: Call
  ) async throws -> EnterpriseV1.Enterprise {
    let principal = try call.caller()
    return try store.read { try EnterpriseTables.load(request.name, for: principal, from: $0).body }
  }

  public func listEnterprises(
    _ request: EnterpriseV1.ListEnterprisesRequest, _ call: Call
  ) async throws -> EnterpriseV1.ListEnterprisesResponse {
    let principal = try call.caller()
    let (enterprises, next) = try await store.list(request, call, by: \.id) { after, limit, connection in
      try EnterpriseTables.page(after: after, limit: limit, for: principal, from: connection)
    }
    return EnterpriseV1.ListEnterprisesResponse(
      enterprises: enterprises.map(\.body), nextPageToken: next)
  }

  public func watchEnterprises(
    _ request: EnterpriseV1.WatchEnterprisesRequest, _ events: ResponseStream<EnterpriseV1.EnterpriseEvent>,
    _ call: Call
  ) async throws {
    try await store.watch(EnterpriseTables.self, request, events, call)
  }
}
