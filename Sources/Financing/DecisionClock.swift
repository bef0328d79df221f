import Contracts
import Protobuf
import Store
import Terms

extension FinancingV1.Application.State {
  /// The time that the lender may take for its decision runs.
  var decisionClockRuns: Bool { self == .submitted || self == .underReview }
}

extension FinancingV1.Application {
  /// Starts or stops the clock of the lender's time after a move from another state.
  mutating func runDecisionClock(after from: State, at now: Timestamp) {
    guard from.decisionClockRuns != state.decisionClockRuns else { return }
    var clock = decisionClock ?? FinancingV1.DecisionClock()
    if state.decisionClockRuns {
      clock.runSince = now.message
    } else if let since = clock.runSince {
      let before = clock.elapsed.map { $0.seconds * 1_000_000 + Int64($0.nanos) / 1_000 } ?? 0
      let microseconds = before + max(0, now.microseconds - Timestamp(since).microseconds)
      clock.elapsed = GoogleProtobuf.Duration(
        seconds: microseconds / 1_000_000, nanos: Int32(microseconds % 1_000_000) * 1_000)
      clock.runSince = nil
    }
    decisionClock = clock
  }
}
