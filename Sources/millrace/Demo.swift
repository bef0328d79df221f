import ArgumentParser
import Contracts
import FinancialMath
import Foundation
import HTTP2
import Identity
import Protobuf
import RPC
import Terms

/// `millrace demo`: one application's whole life against a running server, told step by step.
struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Drives a financing application through its whole life against a running server, and tells the story.")

  @OptionGroup var server: ServerOptions

  @Option(help: "The unified social credit code to register; one that is registered already is used as it is.")
  var creditCode = "914403001922038216"

  func run() async throws {
    let channel = try server.channel()
    var story = try Story(
      channel: channel, asOperator: try server.options(as: .operator), asApplicant: try server.options(as: .enterprise))
    do {
      try await story.tell(creditCode: creditCode)
      await channel.close()
    } catch let error as RPCError {
      say("\nThe story ends here: \(error)")
      throw ExitCode.failure
    }
  }
}

/// The steps of the demo, each a call and a line or a table about what came of it.
private struct Story {
  private let enterprises: EnterpriseV1.EnterpriseServiceClient
  private let catalog: CatalogV1.CatalogServiceClient
  private let financing: FinancingV1.FinancingServiceClient
  private let ledger: LedgerV1.LedgerServiceClient
  private let asOperator: CallOptions
  private let asApplicant: CallOptions
  private var step = 0

  init(channel: any RPC.Channel, asOperator: CallOptions, asApplicant: CallOptions) throws {
    enterprises = EnterpriseV1.EnterpriseServiceClient(channel)
    catalog = CatalogV1.CatalogServiceClient(channel)
    financing = FinancingV1.FinancingServiceClient(channel)
    ledger = LedgerV1.LedgerServiceClient(channel)
    self.asOperator = asOperator
    self.asApplicant = asApplicant
  }

  mutating func tell(creditCode: String) async throws {
    let enterprise = try await register(creditCode)
    let product = try await publish()
    let application = try await apply(enterprise, product)
    let loan = try await contract(application)
    try await repay(loan)
    try await showBooks()
  }

  private mutating func register(_ creditCode: String) async throws -> String {
    do {
      let enterprise = try await enterprises.registerEnterprise(
        EnterpriseV1.RegisterEnterpriseRequest(
          enterprise: EnterpriseV1.Enterprise(
            displayName: "Hangzhou Example Trading Co., Ltd.", creditCode: creditCode),
          requestId: UUID().uuidString), options: asApplicant)
      tell("The enterprise registers with credit code \(creditCode)", enterprise.name, enterprise.state.valueName)
      let verified = try await enterprises.verifyEnterprise(
        EnterpriseV1.VerifyEnterpriseRequest(
          name: enterprise.name, etag: enterprise.etag, requestId: UUID().uuidString, evidence: "business license"),
        options: asOperator)
      tell("An operator verifies it", verified.name, verified.state.valueName)
      return enterprise.name
    } catch let error as RPCError where error.code == .alreadyExists {
      let listed = try await enterprises.listEnterprises(
        EnterpriseV1.ListEnterprisesRequest(), options: asApplicant)
      guard let known = listed.enterprises.first(where: { $0.creditCode == creditCode }) else { throw error }
      tell("The enterprise is registered already", known.name, known.state.valueName)
      return known.name
    }
  }

  private mutating func publish() async throws -> String {
    let product = try await catalog.createProduct(
      CatalogV1.CreateProductRequest(
        product: CatalogV1.Product(
          displayName: "Working capital", annualRateE8: 4_350_000, minInstallmentCount: 3, maxInstallmentCount: 24,
          minAmount: Money(10_000_00, .cny).message, maxAmount: Money(3_000_000_00, .cny).message,
          repaymentMethod: .equalInstallment, dayCount: .thirty360Us, frequency: .init(frequency: .everyMonths(1))),
        requestId: UUID().uuidString), options: asOperator)
    tell("An operator designs a product: 4.35 % a year, equal installments", product.name, product.state.valueName)
    let tested = try await catalog.testProduct(
      CatalogV1.TestProductRequest(name: product.name, etag: product.etag, requestId: UUID().uuidString),
      options: asOperator)
    tell("Its schedules are tried at the corners of its terms", tested.name, tested.state.valueName)
    let published = try await catalog.publishProduct(
      CatalogV1.PublishProductRequest(name: product.name, etag: tested.etag, requestId: UUID().uuidString),
      options: asOperator)
    tell("It is published", published.version, published.state.valueName)
    return product.name
  }

  private mutating func apply(_ enterprise: String, _ product: String) async throws -> FinancingV1.Application {
    var application = try await financing.createApplication(
      FinancingV1.CreateApplicationRequest(
        application: FinancingV1.Application(
          enterprise: enterprise, product: product, amount: Money(500_000_00, .cny).message, installmentCount: 6,
          purpose: "stock for the spring orders"),
        requestId: UUID().uuidString), options: asApplicant)
    tell("The enterprise drafts an application for CNY 500000.00", application.name, application.state.valueName)
    let expiry = Int64(Date().timeIntervalSince1970) + 90 * 86_400
    application = try await financing.submitApplication(
      FinancingV1.SubmitApplicationRequest(
        name: application.name, etag: application.etag, requestId: UUID().uuidString,
        creditAuthorization: FinancingV1.CreditAuthorization(
          scope: "credit-report", purpose: "this application",
          expireTime: GoogleProtobuf.Timestamp(seconds: expiry, nanos: 0))),
      options: asApplicant)
    tell("It authorizes the credit query and submits", application.name, application.state.valueName)
    application = try await financing.startReview(
      FinancingV1.StartReviewRequest(
        name: application.name, etag: application.etag, requestId: UUID().uuidString,
        assessment: FinancingV1.Assessment(score: 712, grade: "BBB", comment: "steady cash flow")),
      options: asOperator)
    tell("An officer takes it into review, assessed at BBB", application.name, application.state.valueName)
    application = try await financing.requestInformation(
      FinancingV1.RequestInformationRequest(
        name: application.name, etag: application.etag, requestId: UUID().uuidString,
        question: "Which orders is the stock for?"), options: asOperator)
    tell("The officer has a question, and the lender's clock stands", application.name, application.state.valueName)
    application = try await financing.provideInformation(
      FinancingV1.ProvideInformationRequest(
        name: application.name, etag: application.etag, requestId: UUID().uuidString,
        answer: "Three of last year's customers have ordered again."), options: asApplicant)
    tell("The enterprise answers, and the review goes on", application.name, application.state.valueName)
    application = try await financing.recordDecision(
      FinancingV1.RecordDecisionRequest(
        name: application.name, etag: application.etag, requestId: UUID().uuidString,
        decision: FinancingV1.Decision(outcome: .approve, comment: "within limits")),
      options: asOperator)
    let cost = application.offer?.schedule?.annualizedCost
    let told = cost.map { " that costs \(Rate(e8: $0.effectiveRateE8)) a year" } ?? ""
    tell(
      "Its amount is within the officer's authority: it is approved, and an offer made\(told)", application.name,
      application.state.valueName)
    application = try await financing.acceptOffer(
      FinancingV1.AcceptOfferRequest(
        name: application.name, offerEtag: application.offer?.etag ?? "", requestId: UUID().uuidString),
      options: asApplicant)
    tell("The enterprise accepts the offer", application.name, application.state.valueName)
    return application
  }

  private mutating func contract(_ application: FinancingV1.Application) async throws -> FinancingV1.Loan {
    let digest = [UInt8](repeating: 0x5a, count: 32)
    _ = try await financing.signContract(
      FinancingV1.SignContractRequest(
        name: application.name, requestId: UUID().uuidString, documentDigest: digest), options: asOperator)
    let booked = try await financing.signContract(
      FinancingV1.SignContractRequest(
        name: application.name, requestId: UUID().uuidString, documentDigest: digest), options: asApplicant)
    tell("Both parties sign, and the loan is booked", booked.loan, booked.state.valueName)
    let loan = try await financing.disburseLoan(
      FinancingV1.DisburseLoanRequest(name: booked.loan, requestId: UUID().uuidString), options: asOperator)
    tell("The principal is paid out", loan.name, loan.state.valueName)
    return loan
  }

  private mutating func repay(_ loan: FinancingV1.Loan) async throws {
    let installments = try await financing.listInstallments(
      FinancingV1.ListInstallmentsRequest(parent: loan.name), options: asOperator
    ).installments
    var table = TextTable(header: ["no.", "due", "opening", "principal", "interest", "total", "closing"])
    for row in installments {
      table.rows.append(
        ["\(row.number)", row.dueDate?.text ?? ""]
          + [row.opening, row.principal, row.interest, row.total, row.closing].map { $0?.amountText ?? "" })
    }
    say("\n\(table.text)\n")
    var state = loan.state
    for row in installments {
      // The last one is paid with a little too much.
      var amount = row.total
      if row.number == installments.count { amount?.minorUnits += 100_00 }
      state =
        try await financing.recordRepayment(
          FinancingV1.RecordRepaymentRequest(
            name: loan.name, requestId: UUID().uuidString, amount: amount),
          options: asOperator
        ).loan?.state ?? state
    }
    tell(
      "All \(installments.count) installments are repaid ahead of time, and 100.00 too much", loan.name, state.valueName
    )
    let settled = try await financing.refundOverpayment(
      FinancingV1.RefundOverpaymentRequest(name: loan.name, requestId: UUID().uuidString), options: asOperator)
    tell("That goes back, and the loan is settled", settled.name, settled.state.valueName)
  }

  private func showBooks() async throws {
    let trial = try await ledger.getTrialBalance(LedgerV1.GetTrialBalanceRequest(), options: asOperator)
    var table = TextTable(header: ["account", "debits", "credits", "balance"])
    for account in trial.accounts {
      table.rows.append(
        [account.account]
          + [account.exactDebits, account.exactCredits, account.exactBalance].map { $0?.amountText ?? "" })
    }
    for total in trial.totals {
      table.rows.append(["total", total.exactDebits?.amountText ?? "", total.exactCredits?.amountText ?? "", ""])
    }
    say("\nThe books after entry \(trial.sequence):\n\n\(table.text)")
  }

  private mutating func tell(_ sentence: String, _ resource: String, _ state: String?) {
    step += 1
    say("\(step < 10 ? " " : "")\(step). \(sentence).\n      \(resource)  \(state ?? "")")
  }
}

extension TypeV1.Money {
  /// The amount in the currency's unit, such as 123.45.
  fileprivate var amountText: String {
    (try? FinancialMath.Money(minorUnits: minorUnits, currencyCode: currencyCode).decimalString) ?? "\(minorUnits)"
  }
}

extension TypeV1.MoneySum {
  /// The sum in the currency's unit, such as 123.45.
  fileprivate var amountText: String {
    guard let sum = Int128(minorUnits), let currency = try? Currency(currencyCode) else { return minorUnits }
    return FinancialMath.MoneySum(sum, currency).decimalString
  }
}

extension GoogleType.Date {
  fileprivate var text: String {
    (try? CivilDate(year: Int(year), month: Int(month), day: Int(day)).description) ?? ""
  }
}
