import Contracts
import FinancialMath
import Lifecycle
import RPC
import Store
import Terms

extension FinancingV1.DisburseLoanRequest: ChangeRequest {}
extension FinancingV1.CancelLoanRequest: ChangeRequest {}
extension FinancingV1.RecordRepaymentRequest: ChangeRequest {}
extension FinancingV1.RefundOverpaymentRequest: ChangeRequest {}
extension FinancingV1.WriteOffLoanRequest: ChangeRequest {}
extension FinancingV1.RestructureLoanRequest: ChangeRequest {}

/// The RPCs that change loans.
extension FinancingService {
  public func disburseLoan(
    _ request: FinancingV1.DisburseLoanRequest, _ call: Call
  ) async throws -> FinancingV1.Loan {
    try await work.change(LoanTables.self, request, call) { change in
      try change.disburse(on: try Self.date(request.disbursementDate, field: "disbursement_date", change.unit))
    }
  }

  public func cancelLoan(_ request: FinancingV1.CancelLoanRequest, _ call: Call) async throws -> FinancingV1.Loan {
    try await work.change(LoanTables.self, request, call) { change in
      try change.move(to: .cancelled, by: .officer)
      try change.record("cancel", request.reason)
    }
  }

  public func recordRepayment(
    _ request: FinancingV1.RecordRepaymentRequest, _ call: Call
  ) async throws -> FinancingV1.Repayment {
    let amount = try Money.requested(request.amount, field: "amount")
    return try await work.change(LoanTables.self, request, call, reply: FinancingV1.Repayment.self) { change in
      try change.repay(
        amount, on: try Self.date(request.receiveDate, field: "receive_date", change.unit),
        allowsDisproportionate: request.allowDisproportionate)
    }
  }

  public func refundOverpayment(
    _ request: FinancingV1.RefundOverpaymentRequest, _ call: Call
  ) async throws -> FinancingV1.Loan {
    try await work.change(LoanTables.self, request, call) { try $0.refund() }
  }

  public func writeOffLoan(
    _ request: FinancingV1.WriteOffLoanRequest, _ call: Call
  ) async throws -> FinancingV1.Loan {
    try await work.change(LoanTables.self, request, call) { try $0.writeOff(request.reason) }
  }

  public func restructureLoan(
    _ request: FinancingV1.RestructureLoanRequest, _ call: Call
  ) async throws -> FinancingV1.Loan {
    try await work.change(LoanTables.self, request, call) { try $0.restructure(request) }
  }

  /// The date in a request, or the business date where there is none.
  private static func date(_ message: GoogleType.Date?, field: String, _ unit: UnitOfWork) throws -> CivilDate {
    guard let message else { return try unit.businessDate.civilDate }
    return try CivilDate(message, field: field)
  }
}
