import Contracts
import Enterprise
import FinancialMath
import Identity
import Lifecycle
import RPC
import Store
import Terms

extension FinancingV1.ListApplicationsRequest: ListRequest {}
extension FinancingV1.ListInstallmentsRequest: ListRequest {}
extension FinancingV1.ListLoansRequest: ListRequest {}
extension FinancingV1.ListScheduleRevisionsRequest: ListRequest {}
extension FinancingV1.WatchApplicationsRequest: WatchRequest {}
extension FinancingV1.WatchLoansRequest: WatchRequest {}

/// The RPCs that only read.
extension FinancingService {
  public func getApplication(
    _ request: FinancingV1.GetApplicationRequest, _ call: Call
  ) async throws -> FinancingV1.Application {
    let principal = try call.caller()
    return try store.read { connection in
      try ApplicationTables.load(request.name, for: principal, from: connection).body
    }
  }

  public func listApplications(
    _ request: FinancingV1.ListApplicationsRequest, _ call: Call
  ) async throws -> FinancingV1.ListApplicationsResponse {
    let principal = try call.caller()
    let enterprise = try Self.filter(request.enterprise)
    let (applications, next) = try await store.list(request, call, by: \.id) { after, limit, connection in
      try ApplicationTables.page(
        after: after, limit: limit, enterprise: enterprise, for: principal, from: connection)
    }
    return FinancingV1.ListApplicationsResponse(
      applications: applications.map(\.body), nextPageToken: next)
  }

  public func getLoan(_ request: FinancingV1.GetLoanRequest, _ call: Call) async throws -> FinancingV1.Loan {
    let principal = try call.caller()
    return try store.read { connection in
      try LoanTables.load(request.name, for: principal, from: connection).body
    }
  }

  public func listLoans(
    _ request: FinancingV1.ListLoansRequest, _ call: Call
  ) async throws -> FinancingV1.ListLoansResponse {
    let principal = try call.caller()
    let enterprise = try Self.filter(request.enterprise)
    let (loans, next) = try await store.list(request, call, by: \.id) { after, limit, connection in
      try LoanTables.page(after: after, limit: limit, enterprise: enterprise, for: principal, from: connection)
    }
    return FinancingV1.ListLoansResponse(loans: loans.map(\.body), nextPageToken: next)
  }

  public func listInstallments(
    _ request: FinancingV1.ListInstallmentsRequest, _ call: Call
  ) async throws -> FinancingV1.ListInstallmentsResponse {
    let principal = try call.caller()
    let (installments, next) = try await store.list(request, call, by: { Int64($0.number) }) {
      after, limit, connection in
      let stored = try LoanTables.load(request.parent, field: "parent", for: principal, from: connection)
      let loan = stored.body
      let revision = request.scheduleRevision == 0 ? loan.scheduleRevision : request.scheduleRevision
      guard revision <= loan.scheduleRevision else {
        throw RPCError.notFound(
          ScheduleRevisionTables.name(loan.name, revision), type: ScheduleRevisionTables.collection)
      }
      let currency = try Money(loan.principal, field: "principal").currency
      return try InstallmentTables.load(
        loan: stored.id, revision: revision, currency: currency, after: after, limit: limit, from: connection
      ).map { try $0.message(loan: loan.name, revision: revision) }
    }
    return FinancingV1.ListInstallmentsResponse(installments: installments, nextPageToken: next)
  }

  public func getScheduleRevision(
    _ request: FinancingV1.GetScheduleRevisionRequest, _ call: Call
  ) async throws -> FinancingV1.ScheduleRevision {
    let principal = try call.caller()
    let (loan, number) = try ScheduleRevisionTables.parse(request.name, field: "name")
    return try store.read { connection in
      let stored = try LoanTables.load(loan, for: principal, from: connection)
      guard let revision = try ScheduleRevisionTables.find(number, of: stored, in: connection) else {
        throw RPCError.notFound(request.name, type: ScheduleRevisionTables.collection)
      }
      return revision
    }
  }

  public func listScheduleRevisions(
    _ request: FinancingV1.ListScheduleRevisionsRequest, _ call: Call
  ) async throws -> FinancingV1.ListScheduleRevisionsResponse {
    let principal = try call.caller()
    let (revisions, next) = try await store.list(request, call, by: { Int64($0.number) }) {
      after, limit, connection in
      let stored = try LoanTables.load(request.parent, field: "parent", for: principal, from: connection)
      return try ScheduleRevisionTables.page(
        of: stored, after: Int32(clamping: after), limit: limit, from: connection)
    }
    return FinancingV1.ListScheduleRevisionsResponse(scheduleRevisions: revisions, nextPageToken: next)
  }

  public func watchApplications(
    _ request: FinancingV1.WatchApplicationsRequest, _ events: ResponseStream<FinancingV1.ApplicationEvent>,
    _ call: Call
  ) async throws {
    try await store.watch(
      ApplicationTables.self, request, scope: try Self.filter(request.enterprise), events, call)
  }

  public func watchLoans(
    _ request: FinancingV1.WatchLoansRequest, _ events: ResponseStream<FinancingV1.LoanEvent>, _ call: Call
  ) async throws {
    try await store.watch(LoanTables.self, request, scope: try Self.filter(request.enterprise), events, call)
  }

  private static func filter(_ enterprise: String) throws(RPCError) -> String? {
    if enterprise.isEmpty { return nil }
    _ = try ResourceName.id(enterprise, in: "enterprises", field: "enterprise")
    return enterprise
  }
}
