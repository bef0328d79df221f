import Contracts
import FinancialMath
import RPC
import Store
import Terms

/// The business calendar: which day is open, and how one is closed.
public struct BusinessDayService: FinancingV1.BusinessDayService {
  private let store: Store
  private let work: Work

  public init(store: Store, work: Work) {
    self.store = store
    self.work = work
  }

  public func getBusinessDay(
    _ request: FinancingV1.GetBusinessDayRequest, _ call: Call
  ) async throws -> FinancingV1.BusinessDay {
    let open = try store.businessDate().civilDate
    let isCurrent = request.name == "\(BusinessDayTables.collection)/current"
    let date = isCurrent ? open : try BusinessDayTables.date(request.name, field: "name")
    let close = try store.read { try BusinessDayTables.find(date, in: $0) }
    if let close { return close.message }
    guard date == open else { throw RPCError.notFound(request.name, type: BusinessDayTables.collection) }
    return FinancingV1.BusinessDay(name: BusinessDayTables.name(date), date: date.message, state: .open)
  }

  public func closeBusinessDay(
    _ request: FinancingV1.CloseBusinessDayRequest, _ call: Call
  ) async throws -> FinancingV1.BusinessDay {
    let date = try BusinessDayTables.date(request.name, field: "name")
    let next = try request.nextDate.map { try CivilDate.requested($0, field: "next_date") }
    let begun = try await work.perform(request, requestId: request.requestId, call) { unit in
      try DayClose.begin(date, next: next, in: unit)
    }
    repeat {
      try Task.checkCancellation()
    } while try await !work.run(as: "system/business-day", { try DayClose.advance(date, in: $0) })
    return try store.read { try BusinessDayTables.find(date, in: $0)?.message } ?? begun
  }
}
