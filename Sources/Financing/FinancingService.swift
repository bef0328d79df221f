import Catalog
import Contracts
import Enterprise
import FinancialMath
import Identity
import RPC
import Store
import Terms

/// Applications and the loans that come of them.
public struct FinancingService: FinancingV1.FinancingService {
  let store: Store
  let work: Work

  public init(store: Store, work: Work) {
    self.store = store
    self.work = work
  }

  public func createApplication(
    _ request: FinancingV1.CreateApplicationRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    let principal = try call.caller()
    let draft = try Submission.draft(request.application)
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      let connection = unit.connection
      try EnterpriseTables.check(
        draft.enterprise, field: "application.enterprise", for: principal, from: connection)
      try ProductTables.check(draft.product, field: "application.product", for: principal, from: connection)
      var change = ApplicationChange(draft, applicant: principal, in: unit)
      try change.draft()
      return change.application
    }
  }

  public func submitApplication(
    _ request: FinancingV1.SubmitApplicationRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    let principal = try call.caller()
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      var change = try ApplicationChange(request.name, etag: request.etag, for: principal, in: unit)
      try change.check(to: .submitted, by: .applicant)
      let enterprise = try EnterpriseTables.load(
        change.application.enterprise, field: "enterprise", for: principal, from: unit.connection)
      let product = try ProductTables.load(
        change.application.product, field: "product", for: principal, from: unit.connection)
      try Submission.check(
        change.application, enterprise.enterprise, product.product, request.creditAuthorization, now: unit.now)
      change.application.productVersion = product.product.version
      change.application.creditAuthorization = request.creditAuthorization
      try change.move(to: .submitted, by: .applicant)
      return change.application
    }
  }

  public func startReview(
    _ request: FinancingV1.StartReviewRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    let principal = try call.caller()
    let assessment = try Review.checked(request.assessment)
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      var change = try ApplicationChange(request.name, etag: request.etag, for: principal, in: unit)
      change.application.assessment = assessment
      try change.move(to: .underReview, by: .officer)
      return change.application
    }
  }

  public func recordDecision(
    _ request: FinancingV1.RecordDecisionRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    let principal = try call.caller()
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      var change = try ApplicationChange(request.name, etag: request.etag, for: principal, in: unit)
      let decision = try Review.checked(request.decision, applicant: change.stored.applicant, in: unit)
      let next: FinancingV1.Application.State = decision.outcome == .approve ? .approved : .declined
      try change.check(to: next, by: .lastStageApprover)
      change.application.decision = decision
      if decision.outcome == .approve {
        let product = try ProductTables.load(
          change.application.product, field: "product", for: principal, from: unit.connection)
        change.application.offer = try Review.offer(
          for: change.application, under: ProductTerms(product.product), request, in: unit)
      }
      try change.move(to: next, by: .lastStageApprover)
      return change.application
    }
  }

  public func acceptOffer(
    _ request: FinancingV1.AcceptOfferRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    let principal = try call.caller()
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      var change = try ApplicationChange(request.name, etag: "", for: principal, in: unit)
      try change.check(to: .offerAccepted, by: .applicant)
      guard let offer = change.application.offer, offer.etag == request.offerEtag else {
        throw RPCError.aborted("offer_etag is not the current offer's; read it again", reason: "ETAG_MISMATCH")
      }
      guard Timestamp(offer.expireTime) > unit.now else {
        throw RPCError.failedPrecondition(
          reason: "OFFER_EXPIRED", message: "the offer has expired", subject: request.name)
      }
      try change.move(to: .offerAccepted, by: .applicant)
      return change.application
    }
  }

  public func declineOffer(
    _ request: FinancingV1.DeclineOfferRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    let principal = try call.caller()
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      var change = try ApplicationChange(request.name, etag: request.etag, for: principal, in: unit)
      try change.move(to: .offerDeclined, by: .applicant)
      return change.application
    }
  }

  public func withdrawApplication(
    _ request: FinancingV1.WithdrawApplicationRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    let principal = try call.caller()
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      var change = try ApplicationChange(request.name, etag: request.etag, for: principal, in: unit)
      try change.move(to: .withdrawn, by: .applicant)
      return change.application
    }
  }

  public func signContract(
    _ request: FinancingV1.SignContractRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    let principal = try call.caller()
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      var change = try ApplicationChange(request.name, etag: request.etag, for: principal, in: unit)
      let actor: ApplicationLifecycle.Actor = principal.has(.operator) ? .officer : .applicant
      try change.check(to: .contracted, by: actor)
      let isComplete = try Contracting.sign(
        &change.application, digest: request.documentDigest, by: principal, in: unit)
      guard isComplete else {
        try change.save()
        try unit.audit(resource: request.name, action: "sign")
        return change.application
      }
      try change.move(to: .contracted, by: actor)
      let product = try ProductTables.load(
        change.application.product, field: "product", for: principal, from: unit.connection)
      change.application.loan = try LoanChange.book(change.stored, product.product, in: unit)
      try change.move(to: .booked, by: .system)
      return change.application
    }
  }

  public func disburseLoan(
    _ request: FinancingV1.DisburseLoanRequest, _ call: Call
  ) async throws -> FinancingV1.Loan {
    let principal = try call.caller()
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      var change = try LoanChange(request.name, etag: request.etag, for: principal, in: unit)
      try change.disburse(on: try Self.date(request.disbursementDate, field: "disbursement_date", unit))
      return change.stored.loan
    }
  }

  public func recordRepayment(
    _ request: FinancingV1.RecordRepaymentRequest, _ call: Call
  ) async throws -> FinancingV1.Repayment {
    let principal = try call.caller()
    let amount = try Money.positive(request.amount, field: "amount")
    return try await work.perform(request, requestId: request.requestId, call) { unit in
      var change = try LoanChange(request.name, etag: request.etag, for: principal, in: unit)
      return try change.repay(amount, on: try Self.date(request.receiveDate, field: "receive_date", unit))
    }
  }

  /// The date in a request, or the business date where there is none.
  private static func date(_ message: GoogleType.Date?, field: String, _ unit: UnitOfWork) throws -> CivilDate {
    guard let message else { return try unit.businessDate.civilDate }
    return try CivilDate(message, field: field)
  }
}
