import Contracts
import FinancialMath
import Identity
import Lifecycle
import RPC
import Store
import Terms

extension FinancingV1.ListRateCapsRequest: ListRequest {}
extension FinancingV1.ListReviewPoliciesRequest: ListRequest {}

/// The dated rules that reviews and offers follow.
public struct PolicyService: FinancingV1.PolicyService {
  private let store: Store
  private let work: Work

  public init(store: Store, work: Work) {
    self.store = store
    self.work = work
  }

  public func createReviewPolicy(
    _ request: FinancingV1.CreateReviewPolicyRequest, _ call: Call
  ) async throws -> FinancingV1.ReviewPolicy {
    let policy = request.reviewPolicy ?? FinancingV1.ReviewPolicy()
    var violations = Violations()
    let date = violations.take { () throws(RPCError) in
      try CivilDate.requested(policy.effectiveDate, field: "review_policy.effective_date")
    }
    for (index, stage) in policy.stages.enumerated() {
      let field = "review_policy.stages[\(index)]"
      if Role(rawValue: stage.role) == nil { violations.add("\(field).role", "\(stage.role) is no role") }
      let authority = violations.take { () throws(RPCError) in
        try Money.requested(stage.authority, field: "\(field).authority")
      }
      if let authority, authority.currency.code != policy.currencyCode {
        violations.add("\(field).authority.currency_code", "must be the policy's currency_code")
      }
    }
    guard violations.isEmpty, let date else { throw violations.error }
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      let id = unit.newId()
      var policy = policy
      policy.name = "\(PolicyTables.policies)/\(id)"
      policy.createTime = unit.now.message
      try PolicyTables.insert(policy, id: id, effective: date, into: unit.connection)
      try unit.audit(resource: policy.name, action: "create", detail: "\(policy.currencyCode) from \(date)")
      return policy
    }
  }

  public func listReviewPolicies(
    _ request: FinancingV1.ListReviewPoliciesRequest, _ call: Call
  ) async throws -> FinancingV1.ListReviewPoliciesResponse {
    let (policies, next) = try await store.list(request, call, by: { PolicyTables.id(of: $0.name) }) {
      after, limit, connection in
      try PolicyTables.policyPage(after: after, limit: limit, from: connection)
    }
    return FinancingV1.ListReviewPoliciesResponse(reviewPolicies: policies, nextPageToken: next)
  }

  public func createRateCap(
    _ request: FinancingV1.CreateRateCapRequest, _ call: Call
  ) async throws -> FinancingV1.RateCap {
    let cap = request.rateCap ?? FinancingV1.RateCap()
    let date = try CivilDate.requested(cap.effectiveDate, field: "rate_cap.effective_date")
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      let id = unit.newId()
      var cap = cap
      cap.name = "\(PolicyTables.caps)/\(id)"
      cap.createTime = unit.now.message
      try PolicyTables.insert(cap, id: id, effective: date, into: unit.connection)
      try unit.audit(
        resource: cap.name, action: "create",
        detail: "\(cap.lenderClass) in \(cap.jurisdiction): \(Rate(e8: cap.maxAnnualRateE8)) from \(date)")
      return cap
    }
  }

  public func listRateCaps(
    _ request: FinancingV1.ListRateCapsRequest, _ call: Call
  ) async throws -> FinancingV1.ListRateCapsResponse {
    let (caps, next) = try await store.list(request, call, by: { PolicyTables.id(of: $0.name) }) {
      after, limit, connection in
      try PolicyTables.capPage(after: after, limit: limit, from: connection)
    }
    return FinancingV1.ListRateCapsResponse(rateCaps: caps, nextPageToken: next)
  }
}
