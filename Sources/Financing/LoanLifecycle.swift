import Contracts
import Lifecycle

/// The legal moves of a loan, and who makes them.
public enum LoanLifecycle {
  /// A restructured loan leaves its observation period by the clock, a year later at the earliest; no call restructures
  /// one yet. Receipts on a loan
  /// written off are recoveries and settle it only when everything owed has come in.
  public static let table = TransitionTable<FinancingV1.Loan.State>([
    .init(.pendingDisbursement, .active, by: .system),
    .init(.pendingDisbursement, .cancelled, by: .officer),
    .init(.active, .overdue, by: .clock),
    .init(.active, .restructured, by: .approver),
    .init(.active, .settled, by: .system),
    .init(.active, .overpaid, by: .system),
    // Into another bucket.
    .init(.overdue, .overdue, by: .clock),
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
  /// Whether money from the borrower can be booked: a recovery on a loan written off, an overpayment on a settled one.
  var acceptsReceipts: Bool {
    switch self {
    case .active, .overdue, .restructured, .writtenOff, .settled, .overpaid: true
    case .pendingDisbursement, .cancelled, .unspecified, .unrecognized: false
    }
  }

  /// Whether the close of a day looks at what is due.
  var fallsOverdue: Bool { self == .active || self == .overdue || self == .restructured }
}
