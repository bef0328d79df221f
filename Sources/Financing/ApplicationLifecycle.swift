import Contracts
import Lifecycle

/// The legal moves of a credit application, and who makes them.
public enum ApplicationLifecycle {
  /// Guards that the rows cannot show are asked where the move is made. Not asked yet, as nobody keeps what they need:
  /// complete documents (SUBMITTED), limits and concentration of the borrower (APPROVED), conditions precedent
  /// (CONTRACTED).
  ///
  /// A contract needs both the officer and the applicant: either may be the one whose signature completes it.
  public static let table = TransitionTable<FinancingV1.Application.State>([
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
}
