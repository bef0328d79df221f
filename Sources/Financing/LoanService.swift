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
      let today = try change.unit.businessDate.civilDate
      let age = FinancingLimits.standard.maxDisbursementAgeDays
      try change.disburse(
        on: try CivilDate.fact(
          request.disbursementDate, field: "disbursement_date", since: today.clampedAdding(days: -age),
          "\(age) days ago", until: today))
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
      try change.checkTakesReceipts()
      let date = try CivilDate.fact(
        request.receiveDate, field: "receive_date", since: try change.disbursementDate, "the disbursement",
        until: try change.unit.businessDate.civilDate)
      return try change.repay(amount, on: date, allowsDisproportionate: request.allowDisproportionate)
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
}
