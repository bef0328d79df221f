import Contracts
import Lifecycle

/// The legal moves of a loan, and who makes them.
public enum LoanLifecycle {
  /// A restructured loan leaves its observation period by the clock, a year later at the earliest. Receipts on a loan
  /// written off are recoveries and settle it only when everything owed has come in.
  public static let table = TransitionTable<FinancingV1.Loan.State>([
    .init(.pendingDisbursement, .active, by: .system),
    .init(.pendingDisbursement, .cancelled, by: .officer),
    .init(.active, .overdue, by: .clock),
    .init(.active, .restructured, by: .approver),
    .init(.active, .settled, by: .system),
    .init(.active, .overpaid, by: .system),
    // The close of a day may also find that a backdated receipt has cured the loan.
    .init(.overdue, .active, by: .system, .clock),
    .init(.overdue, .restructured, by: .approver),
    .init(.overdue, .settled, by: .system),
    .init(.overdue, .overpaid, by: .system),
    .init(.overdue, .writtenOff, by: .approver),
    .init(.restructured, .active, by: .clock),
    .init(.restructured, .overdue, by: .clock),
    .init(.restructured, .settled, by: .system),
    .init(.restructured, .overpaid, by: .system),
    .init(.restructured, .writtenOff, by: .approver),
    .init(.settled, .overpaid, by: .system),
    .init(.overpaid, .settled, by: .system),
    .init(.writtenOff, .settled, by: .system),
  ])
}

extension FinancingV1.Loan.State {
  /// Whether money from the borrower can be booked. On a loan written off it is a recovery.
  public var acceptsReceipts: Bool {
    switch self {
    case .active, .overdue, .restructured, .writtenOff: true
    case .pendingDisbursement, .settled, .overpaid, .cancelled, .unspecified, .unrecognized: false
    }
  }
}
