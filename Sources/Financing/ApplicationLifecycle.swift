/// The states of a credit application and who moves it between them.
public enum ApplicationLifecycle {
  /// Raw values are the contract's names without the enum's prefix.
  public enum State: String, Sendable, Hashable, CaseIterable {
    case draft = "DRAFT"
    case submitted = "SUBMITTED"
    case underReview = "UNDER_REVIEW"
    case infoRequested = "INFO_REQUESTED"
    case approved = "APPROVED"
    case declined = "DECLINED"
    case offerAccepted = "OFFER_ACCEPTED"
    case offerDeclined = "OFFER_DECLINED"
    case expired = "EXPIRED"
    case contracted = "CONTRACTED"
    case booked = "BOOKED"
    case withdrawn = "WITHDRAWN"
  }

  public enum Actor: String, Sendable, Hashable, CaseIterable {
    case applicant = "APPLICANT"
    case officer = "OFFICER"
    case approver = "APPROVER"
    /// An approver deciding in the last stage of the review.
    case lastStageApprover = "LAST_STAGE_APPROVER"
    case clock = "CLOCK"
    case system = "SYSTEM"
  }

  /// A contract needs both the officer and the applicant: either may be the one whose signature completes it.
  public static let table = TransitionTable<State, Actor>([
    .init(.draft, .submitted, by: .applicant),
    .init(.draft, .withdrawn, by: .applicant),
    .init(.submitted, .underReview, by: .officer),
    .init(.submitted, .withdrawn, by: .applicant),
    .init(.underReview, .infoRequested, by: .officer),
    .init(.underReview, .underReview, by: .approver),
    .init(.underReview, .approved, by: .lastStageApprover),
    .init(.underReview, .declined, by: .approver, .lastStageApprover),
    .init(.underReview, .withdrawn, by: .applicant),
    .init(.infoRequested, .underReview, by: .applicant),
    .init(.infoRequested, .withdrawn, by: .applicant),
    .init(.approved, .offerAccepted, by: .applicant),
    .init(.approved, .offerDeclined, by: .applicant),
    .init(.approved, .expired, by: .clock),
    .init(.approved, .withdrawn, by: .applicant),
    .init(.offerAccepted, .contracted, by: .officer, .applicant),
    .init(.offerAccepted, .withdrawn, by: .applicant),
    .init(.contracted, .booked, by: .system),
  ])

  public static func next(from state: State) -> [TransitionTable<State, Actor>.Row] { table.next(from: state) }

  /// - Throws: `IllegalTransition`, which names the allowed moves.
  public static func check(from: State, to: State, actor: Actor) throws(IllegalTransition) {
    try table.check(from: from, to: to, actor: actor)
  }
}

extension ApplicationLifecycle.State {
  /// Nothing happens to the application any more.
  public var isFinal: Bool { ApplicationLifecycle.next(from: self).isEmpty }

  /// The time the lender may take for its decision runs.
  public var decisionClockRuns: Bool { self == .submitted || self == .underReview }
}
