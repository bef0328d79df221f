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
extension FinancingV1.RequestInformationRequest: ChangeRequest {}
extension FinancingV1.ProvideInformationRequest: ChangeRequest {}
extension FinancingV1.RecordDecisionRequest: ChangeRequest {}
extension FinancingV1.DeclineOfferRequest: ChangeRequest {}
extension FinancingV1.SignContractRequest: ChangeRequest {}
extension FinancingV1.WithdrawApplicationRequest: ChangeRequest {}

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
    try await work.change(ApplicationTables.self, request, call) { try $0.startReview(request.assessment) }
  }

  public func requestInformation(
    _ request: FinancingV1.RequestInformationRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    try await work.change(ApplicationTables.self, request, call) { try $0.ask(request.question) }
  }

  public func provideInformation(
    _ request: FinancingV1.ProvideInformationRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    try await work.change(ApplicationTables.self, request, call) { try $0.answer(request.answer) }
  }

  public func recordDecision(
    _ request: FinancingV1.RecordDecisionRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    try await work.change(ApplicationTables.self, request, call) { try $0.decide(request) }
  }

  public func acceptOffer(
    _ request: FinancingV1.AcceptOfferRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    let application = try await work.change(ApplicationTables.self, request, call) { change in
      try change.acceptOffer(etag: request.offerEtag)
    }
    // Told only now: the expiry is kept, where an error would have undone it.
    guard application.state != .expired else {
      throw RPCError.failedPrecondition(
        reason: "OFFER_EXPIRED", message: "the offer has expired", subject: request.name)
    }
    return application
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
}
