import Contracts
import Lifecycle

/// The legal moves of an enterprise.
public enum EnterpriseLifecycle {
  public static let table = TransitionTable<EnterpriseV1.Enterprise.State>([
    .init(.draft, .pendingVerification, by: .applicant),
    .init(.pendingVerification, .verified, by: .officer),
    .init(.verified, .suspended, by: .officer),
    .init(.suspended, .verified, by: .officer),
    .init(.suspended, .closed, by: .officer),
  ])
}
