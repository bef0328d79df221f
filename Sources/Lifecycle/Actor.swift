/// Who makes a move in a lifecycle, whichever resource it is of.
public enum Actor: String, Sendable, Hashable, CaseIterable {
  /// A person who acts for an enterprise.
  case applicant = "APPLICANT"
  /// The platform's staff.
  case officer = "OFFICER"
  /// Who decides in a stage of a review, or on a loss.
  case approver = "APPROVER"
  /// An approver deciding in the last stage of the review.
  case lastStageApprover = "LAST_STAGE_APPROVER"
  /// The close of a business day, and what has passed its time.
  case clock = "CLOCK"
  /// What follows by itself from something that was booked.
  case system = "SYSTEM"

  /// Nobody's decision: whoever calls only sets it off.
  var isServer: Bool { self == .clock || self == .system }
}
