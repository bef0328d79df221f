import Catalog
import Contracts
import FinancialMath
import Identity
import Protobuf
import RPC
import Schedule
import Store
import Terms

/// What a review rests on and what comes of it.
enum Review {
  /// Scores go from 0 to this.
  static let maxScore: Int32 = 1_000
  /// How long an offer stands when the decision does not say.
  static let offerDays: Int64 = 30

  /// The assessment that a review starts from.
  ///
  /// - Throws: INVALID_ARGUMENT naming the field at fault.
  static func checked(_ assessment: FinancingV1.Assessment?) throws(RPCError) -> FinancingV1.Assessment {
    guard let assessment else { throw .invalidArgument(field: "assessment", "is required") }
    guard (0...maxScore).contains(assessment.score) else {
      throw .invalidArgument(field: "assessment.score", "must be from 0 to \(maxScore), not \(assessment.score)")
    }
    guard !assessment.grade.isEmpty else { throw .invalidArgument(field: "assessment.grade", "is required") }
    return assessment
  }

  /// The decision as it is kept: with its approver and its time.
  ///
  /// - Throws: INVALID_ARGUMENT naming the field at fault; PERMISSION_DENIED with reason SELF_APPROVAL for the applicant.
  static func checked(
    _ decision: FinancingV1.Decision?, applicant: String, in unit: UnitOfWork
  ) throws(RPCError) -> FinancingV1.Decision {
    guard var decision else { throw .invalidArgument(field: "decision", "is required") }
    guard decision.outcome == .approve || decision.outcome == .decline else {
      throw .invalidArgument(field: "decision.outcome", "must be APPROVE or DECLINE")
    }
    guard !decision.comment.isEmpty else { throw .invalidArgument(field: "decision.comment", "is required") }
    guard decision.outcome == .approve || !decision.reasonCodes.isEmpty else {
      throw .invalidArgument(field: "decision.reason_codes", "are required with DECLINE")
    }
    guard applicant != unit.caller.subject else {
      throw .permissionDenied("an applicant does not decide the own application", reason: "SELF_APPROVAL")
    }
    decision.approver = unit.caller.subject
    decision.decideTime = unit.now.message
    return decision
  }

  /// The offer that follows an approval, with the schedule as if it were paid out today and what that costs in a year.
  ///
  /// - Throws: INVALID_ARGUMENT for a rate or an expiry out of bounds.
  static func offer(
    for application: FinancingV1.Application, under terms: ProductTerms, _ request: FinancingV1.RecordDecisionRequest,
    in unit: UnitOfWork
  ) throws -> FinancingV1.Offer {
    let rate = request.annualRateE8 == 0 ? terms.annualRate : Rate(e8: request.annualRateE8)
    let loan = terms.schedule(
      principal: try Money(application.amount, field: "amount"), annualRate: rate,
      installmentCount: Int(application.installmentCount), startDate: try unit.businessDate.civilDate)
    let schedule = try Schedule.compute(loan, prefix: "")
    let expiry =
      request.offerExpireTime
      ?? GoogleProtobuf.Timestamp(seconds: unit.now.seconds + offerDays * 86_400, nanos: 0)
    guard Timestamp(expiry) > unit.now else {
      throw RPCError.invalidArgument(field: "offer_expire_time", "must be in the future")
    }
    let revision = (application.offer?.revision ?? 0) + 1
    return FinancingV1.Offer(
      revision: revision, annualRateE8: rate.e8, schedule: schedule.message(of: loan), expireTime: expiry,
      etag: Etag.tag(version: Int64(revision)))
  }
}
