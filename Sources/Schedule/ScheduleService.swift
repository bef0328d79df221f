import Contracts
import FinancialMath
import RPC
import Terms

/// Repayment schedules, computed from the request alone.
public struct ScheduleService: ScheduleV1.ScheduleService {
  public init() {}

  public func computeSchedule(
    _ request: ScheduleV1.ComputeScheduleRequest, _ call: Call
  ) async throws -> ScheduleV1.Schedule {
    let terms = try Self.terms(request)
    return try Schedule.compute(terms, prefix: "").message(of: terms)
  }

  private static func terms(_ request: ScheduleV1.ComputeScheduleRequest) throws(RPCError) -> ScheduleTerms {
    let firstDueDate: CivilDate? =
      if let date = request.firstDueDate { try CivilDate(date, field: "first_due_date") } else { nil }
    return ScheduleTerms(
      principal: try Money.requested(request.principal, field: "principal"),
      annualRate: Rate(e8: request.annualRateE8),
      method: try convention(request.repaymentMethod, field: "repayment_method"),
      frequency: try PaymentFrequency(request.frequency, field: "frequency"),
      dayCount: try convention(request.dayCount, field: "day_count"),
      rounding: try Rounding(request.rounding, field: "rounding"),
      startDate: try CivilDate(request.startDate, field: "start_date"),
      firstDueDate: firstDueDate,
      installmentCount: Int(request.installmentCount))
  }
}
