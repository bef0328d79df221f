import Catalog
import Contracts
import Enterprise
import FinancialMath
import Identity
import Lifecycle
import RPC
import Store
import Terms

extension FinancingV1.SubmitApplicationRequest: ChangeRequest {}
extension FinancingV1.StartReviewRequest: ChangeRequest {}
extension FinancingV1.RecordDecisionRequest: ChangeRequest {}
extension FinancingV1.DeclineOfferRequest: ChangeRequest {}
extension FinancingV1.SignContractRequest: ChangeRequest {}
extension FinancingV1.WithdrawApplicationRequest: ChangeRequest {}
extension FinancingV1.DisburseLoanRequest: ChangeRequest {}
extension FinancingV1.RecordRepaymentRequest: ChangeRequest {}

extension FinancingV1.AcceptOfferRequest: ChangeRequest {
  /// The offer's etag is asked for instead, whatever else has changed.
  public var etag: String { "" }
}

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
      return try Change<ApplicationTables>(creating: draft, as: .draft, owner: principal.subject, in: unit).body
    }
  }

  public func submitApplication(
    _ request: FinancingV1.SubmitApplicationRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    let principal = try call.caller()
    return try await work.change(ApplicationTables.self, request, call) { change in
      try change.check(to: .submitted, by: .applicant)
      let enterprise = try EnterpriseTables.load(
        change.body.enterprise, field: "enterprise", for: principal, from: change.unit.connection)
      let product = try ProductTables.load(
        change.body.product, field: "product", for: principal, from: change.unit.connection)
      try Submission.check(
        change.body, enterprise.body, product.body, request.creditAuthorization, now: change.unit.now)
      change.body.productVersion = product.body.version
      change.body.creditAuthorization = request.creditAuthorization
      try change.move(to: .submitted, by: .applicant)
    }
  }

  public func startReview(
    _ request: FinancingV1.StartReviewRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    try await work.change(ApplicationTables.self, request, call) { change in
      change.body.assessment = request.assessment
      try change.move(to: .underReview, by: .officer)
    }
  }

  public func recordDecision(
    _ request: FinancingV1.RecordDecisionRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    try await work.change(ApplicationTables.self, request, call) { try $0.decide(request) }
  }

  public func acceptOffer(
    _ request: FinancingV1.AcceptOfferRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    try await work.change(ApplicationTables.self, request, call) { change in
      try change.check(to: .offerAccepted, by: .applicant)
      guard let offer = change.body.offer, offer.etag == request.offerEtag else {
        throw RPCError.aborted("offer_etag is not the current offer's; read it again", reason: "ETAG_MISMATCH")
      }
      guard Timestamp(offer.expireTime) > change.unit.now else {
        throw RPCError.failedPrecondition(
          reason: "OFFER_EXPIRED", message: "the offer has expired", subject: request.name)
      }
      try change.move(to: .offerAccepted, by: .applicant)
    }
  }

  public func declineOffer(
    _ request: FinancingV1.DeclineOfferRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    try await work.change(ApplicationTables.self, request, call) { try $0.move(to: .offerDeclined, by: .applicant) }
  }

  public func withdrawApplication(
    _ request: FinancingV1.WithdrawApplicationRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    try await work.change(ApplicationTables.self, request, call) { try $0.move(to: .withdrawn, by: .applicant) }
  }

  public func signContract(
    _ request: FinancingV1.SignContractRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    let principal = try call.caller()
    return try await work.change(ApplicationTables.self, request, call) { change in
      let actor: Actor = principal.has(.operator) ? .officer : .applicant
      try change.check(to: .contracted, by: actor)
      let isComplete = try Contracting.sign(
        &change.body, digest: request.documentDigest, by: principal, in: change.unit)
      try change.record("sign")
      guard isComplete else { return try change.save() }
      try change.move(to: .contracted, by: actor)
      change.body.loan = try Change<LoanTables>.book(change.stored, in: change.unit)
      try change.move(to: .booked, by: .system)
    }
  }

  public func disburseLoan(
    _ request: FinancingV1.DisburseLoanRequest, _ call: Call
  ) async throws -> FinancingV1.Loan {
    try await work.change(LoanTables.self, request, call) { change in
      try change.disburse(on: try Self.date(request.disbursementDate, field: "disbursement_date", change.unit))
    }
  }

  public func recordRepayment(
    _ request: FinancingV1.RecordRepaymentRequest, _ call: Call
  ) async throws -> FinancingV1.Repayment {
    let amount = try Money.positive(request.amount, field: "amount")
    return try await work.change(LoanTables.self, request, call, reply: FinancingV1.Repayment.self) { change in
      try change.repay(amount, on: try Self.date(request.receiveDate, field: "receive_date", change.unit))
    }
  }

  /// The date in a request, or the business date where there is none.
  private static func date(_ message: GoogleType.Date?, field: String, _ unit: UnitOfWork) throws -> CivilDate {
    guard let message else { return try unit.businessDate.civilDate }
    return try CivilDate(message, field: field)
  }
}
