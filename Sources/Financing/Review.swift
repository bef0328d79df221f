import Catalog
import Contracts
import FinancialMath
import Lifecycle
import Protobuf
import RPC
import Schedule
import Store
import Terms

/// What comes of a review.
extension Change<ApplicationTables> {
  /// How long an offer stands when the decision does not say.
  static var offerDays: Int64 { 30 }

  /// Decides the application. An approval makes the offer, on the version of the product that was applied for.
  ///
  /// - Throws: INVALID_ARGUMENT naming the field at fault; PERMISSION_DENIED with reason SELF_APPROVAL for the applicant.
  mutating func decide(_ request: FinancingV1.RecordDecisionRequest) throws {
    guard var decision = request.decision else { throw RPCError.invalidArgument(field: "decision", "is required") }
    guard decision.outcome == .approve || !decision.reasonCodes.isEmpty else {
      throw RPCError.invalidArgument(field: "decision.reason_codes", "are required with DECLINE")
    }
    guard stored.owner != unit.caller.subject else {
      throw RPCError.permissionDenied("an applicant does not decide the own application", reason: "SELF_APPROVAL")
    }
    decision.approver = unit.caller.subject
    decision.decideTime = unit.now.message
    body.decision = decision
    let next: FinancingV1.Application.State = decision.outcome == .approve ? .approved : .declined
    try check(to: next, by: .lastStageApprover)
    if decision.outcome == .approve { body.offer = try offer(request) }
    try move(to: next, by: .lastStageApprover)
  }

  /// The offer that follows an approval, with the schedule as if it were paid out today and what that costs in a year.
  ///
  /// - Throws: INVALID_ARGUMENT for a rate or an expiry out of bounds.
  private func offer(_ request: FinancingV1.RecordDecisionRequest) throws -> FinancingV1.Offer {
    let version = try ProductVersionTables.load(body.productVersion, from: unit.connection)
    let terms = try ProductTerms(version.product ?? CatalogV1.Product())
    let rate = request.annualRateE8 == 0 ? terms.annualRate : Rate(e8: request.annualRateE8)
    let loan = terms.schedule(
      principal: try Money(body.amount, field: "amount"), annualRate: rate,
      installmentCount: Int(body.installmentCount), startDate: try unit.businessDate.civilDate)
    let schedule = try Schedule.compute(loan, prefix: "")
    let expiry =
      request.offerExpireTime
      ?? GoogleProtobuf.Timestamp(seconds: unit.now.seconds + Self.offerDays * 86_400, nanos: 0)
    guard Timestamp(expiry) > unit.now else {
      throw RPCError.invalidArgument(field: "offer_expire_time", "must be in the future")
    }
    let revision = (body.offer?.revision ?? 0) + 1
    return FinancingV1.Offer(
      revision: revision, annualRateE8: rate.e8, schedule: schedule.message(of: loan), expireTime: expiry,
      etag: Etag.tag(version: Int64(revision)))
  }
}
