import Contracts
import Lifecycle

/// The legal moves of a loan, and who makes them.
public enum LoanLifecycle {
  /// A restructured loan leaves its observation period by the clock, a year later at the earliest; until then it goes back
  /// to RESTRUCTURED, not to ACTIVE, when it was overdue and is cured. Receipts on a loan written off are recoveries and
  /// settle it only when everything owed has come in.
  public static let table = TransitionTable<FinancingV1.Loan.State>([
    .init(.pendingDisbursement, .active, by: .officer),
    .init(.pendingDisbursement, .cancelled, by: .officer),
    .init(.active, .overdue, by: .clock),
    .init(.active, .restructured, by: .approver),
    .init(.active, .settled, by: .system),
    .init(.active, .overpaid, by: .system),
    // Into another bucket.
    .init(.overdue, .overdue, by: .clock),
    // The close of a day may also find that a backdated receipt has cured the loan.
    .init(.overdue, .active, by: .system, .clock),
    // By an approver anew; by the others the cure of a loan under observation.
    .init(.overdue, .restructured, by: .approver, .system, .clock),
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

  /// Whether a restructured loan in this state is still to pass its observation period.
  var isObserved: Bool { self == .restructured || self == .overdue }

  /// Whether the close of a day looks at what is due.
  var fallsOverdue: Bool { self == .active || self == .overdue || self == .restructured }
}
