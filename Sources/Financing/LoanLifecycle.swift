/// The states of a loan and who moves it between them.
public enum LoanLifecycle {
  /// Raw values are the contract's names without the enum's prefix.
  public enum State: String, Sendable, Hashable, CaseIterable {
    case pendingDisbursement = "PENDING_DISBURSEMENT"
    case active = "ACTIVE"
    case overdue = "OVERDUE"
    case restructured = "RESTRUCTURED"
    case settled = "SETTLED"
    case overpaid = "OVERPAID"
    case writtenOff = "WRITTEN_OFF"
    case cancelled = "CANCELLED"
  }

  public enum Actor: String, Sendable, Hashable, CaseIterable {
    case officer = "OFFICER"
    case approver = "APPROVER"
    /// The close of a business day.
    case clock = "CLOCK"
    /// A disbursement or receipt that was booked.
    case system = "SYSTEM"
  }

  /// A restructured loan leaves its observation period by the clock, a year later at the earliest. Receipts on a loan
  /// written off are recoveries and settle it only when everything owed has come in.
  public static let table = TransitionTable<State, Actor>([
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

  public static func next(from state: State) -> [TransitionTable<State, Actor>.Row] { table.next(from: state) }

  /// - Throws: `IllegalTransition`, which names the allowed moves.
  public static func check(from: State, to: State, actor: Actor) throws(IllegalTransition) {
    try table.check(from: from, to: to, actor: actor)
  }
}

extension LoanLifecycle.State {
  /// Whether money from the borrower can be booked. On a loan written off it is a recovery.
  public var acceptsReceipts: Bool {
    switch self {
    case .active, .overdue, .restructured, .writtenOff: true
    case .pendingDisbursement, .settled, .overpaid, .cancelled: false
    }
  }
}
