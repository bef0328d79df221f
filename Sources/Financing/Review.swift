import Contracts
import FinancialMath
import Lifecycle
import Protobuf
import RPC
import Store
import Terms

/// A review: its stages, the questions to the applicant, and the decisions.
extension Change<ApplicationTables> {
  /// Takes the application into review, on an assessment and under the policy in force.
  ///
  /// - Throws: FAILED_PRECONDITION with reason NO_REVIEW_POLICY where nobody may decide in the currency.
  mutating func startReview(_ assessment: FinancingV1.Assessment?) throws {
    try check(to: .underReview, by: .officer)
    body.assessment = assessment
    body.review = try firstStage()
    try move(to: .underReview, by: .officer)
  }

  /// Asks the applicant.
  mutating func ask(_ question: String) throws {
    body.informationRequests.append(
      FinancingV1.InformationRequest(
        question: question, officer: unit.caller.subject, askTime: unit.now.message))
    try move(to: .infoRequested, by: .officer)
  }

  /// Takes the applicant's answer to the open question.
  mutating func answer(_ answer: String) throws {
    try check(to: .underReview, by: .applicant)
    if let last = body.informationRequests.indices.last {
      body.informationRequests[last].answer = answer
      body.informationRequests[last].answerTime = unit.now.message
    }
    try move(to: .underReview, by: .applicant)
  }

  /// Decides in the current stage: the first approval whose authority covers the amount makes the offer, the others pass
  /// the application on.
  ///
  /// - Throws: INVALID_ARGUMENT naming the field at fault; PERMISSION_DENIED with reason SELF_APPROVAL;
  ///   FAILED_PRECONDITION with reason STAGE_MISMATCH, DUPLICATE_DECISION, LIMIT_EXCEEDED or RATE_CAP_EXCEEDED.
  mutating func decide(_ request: FinancingV1.RecordDecisionRequest) throws {
    guard var decision = request.decision else { throw RPCError.invalidArgument(field: "decision", "is required") }
    guard decision.outcome == .approve || !decision.reasonCodes.isEmpty else {
      throw RPCError.invalidArgument(field: "decision.reason_codes", "are required with DECLINE")
    }
    try check(to: decision.outcome == .approve ? .approved : .declined, by: .lastStageApprover)
    var review = try body.review ?? firstStage()
    try checkDecider(review)
    decision.stage = review.stage
    decision.approver = unit.caller.subject
    decision.decideTime = unit.now.message
    body.decisions.append(decision)
    guard decision.outcome == .approve else {
      body.review = review
      return try move(to: .declined, by: .approver)
    }
    let stages = try PolicyTables.policy(review.policy, from: unit.connection).stages
    let authority = try Money(stages.at(review.stage)?.authority, field: "authority")
    let amount = try Money(body.amount, field: "amount")
    if amount.minorUnits <= authority.minorUnits {
      body.review = review
      body.offer = try offer(request)
      return try move(to: .approved, by: .lastStageApprover)
    }
    guard let next = stages.at(review.stage + 1) else {
      throw RPCError.failedPrecondition(
        reason: "LIMIT_EXCEEDED", message: "\(amount) is beyond \(authority), the authority of \(review.role)",
        metadata: [
          "role": review.role, "currency_code": authority.currency.code,
          "authority_minor_units": "\(authority.minorUnits)",
        ], subject: body.name)
    }
    review.stage += 1
    review.role = next.role
    body.review = review
    try move(to: .underReview, by: .approver)
  }

  /// The rules of who decides: another person than the applicant, with the stage's role, once.
  private func checkDecider(_ review: FinancingV1.Review) throws(RPCError) {
    guard stored.owner != unit.caller.subject else {
      throw .permissionDenied("an applicant does not decide the own application", reason: "SELF_APPROVAL")
    }
    guard !body.decisions.contains(where: { $0.approver == unit.caller.subject }) else {
      throw .failedPrecondition(
        reason: "DUPLICATE_DECISION", message: "\(unit.caller.subject) has decided on \(body.name)", subject: body.name)
    }
    guard unit.caller.principal?.roles.contains(review.role) == true else {
      throw .failedPrecondition(
        reason: "STAGE_MISMATCH", message: "stage \(review.stage) is decided by the role \(review.role)",
        metadata: ["stage": "\(review.stage)", "role": review.role], subject: body.name)
    }
  }

  /// The first stage of the policy in force.
  private func firstStage() throws -> FinancingV1.Review {
    let amount = try Money(body.amount, field: "amount")
    let policy = try PolicyTables.policy(
      for: amount.currency.code, on: try unit.businessDate.civilDate, from: unit.connection)
    guard let policy, let first = policy.stages.first else {
      throw RPCError.failedPrecondition(
        reason: "NO_REVIEW_POLICY", message: "no review policy is in force for \(amount.currency)", subject: body.name)
    }
    return FinancingV1.Review(policy: policy.name, stage: 1, role: first.role, officer: unit.caller.subject)
  }
}

extension [FinancingV1.ReviewPolicy.Stage] {
  /// The stage with a number, from 1.
  fileprivate func at(_ number: Int32) -> Element? {
    let index = Int(number) - 1
    return indices.contains(index) ? self[index] : nil
  }
}
