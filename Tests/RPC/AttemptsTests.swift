import RPC
import Testing

/// What gRPC's proposal A6 says of retries.
struct AttemptsTests {
  private let unavailable = RPCError(.unavailable, "no")
  private let policy = RetryPolicy(
    maxAttempts: 3,
    backoff: Backoff(initial: .seconds(1), multiplier: 2, longest: .seconds(3)),
    retryableStatusCodes: [.unavailable]
  )

  private func judge(
    _ attempts: inout Attempts,
    _ outcome: Attempts.Outcome,
    chance: Double = 0.5
  ) -> Attempts.Verdict {
    var throttle: RetryThrottle?
    return attempts.judge(outcome, throttle: &throttle, chance: chance)
  }

  @Test func thereAreAsManyAttemptsAsThePolicySays() {
    var attempts = Attempts(policy: policy)
    #expect(judge(&attempts, .failed(unavailable)) == .again(after: .seconds(1)))
    #expect(attempts.previous == 1)
    #expect(judge(&attempts, .failed(unavailable)) == .again(after: .seconds(2)))
    #expect(attempts.previous == 2)
    #expect(judge(&attempts, .failed(unavailable)) == .end(unavailable))
  }

  @Test func fiveAttemptsAreTheMost() {
    var attempts = Attempts(
      policy: RetryPolicy(maxAttempts: 100, backoff: policy.backoff, retryableStatusCodes: [.unavailable]))
    for _ in 0..<4 { #expect(judge(&attempts, .failed(unavailable)) != .end(unavailable)) }
    #expect(judge(&attempts, .failed(unavailable)) == .end(unavailable))
  }

  @Test(arguments: [(0.0, 800), (1.0, 1_200)])
  func chanceMovesTheWaitByAFifth(_ chance: Double, _ milliseconds: Int) throws {
    var attempts = Attempts(policy: policy)
    guard case .again(let wait) = judge(&attempts, .failed(unavailable), chance: chance) else {
      Issue.record("no other attempt")
      return
    }
    #expect(abs(wait / .milliseconds(1) - Double(milliseconds)) < 0.001)
  }

  @Test func onlyNamedCodesAreTriedAgainAndOnlyWithAPolicy() {
    var attempts = Attempts(policy: policy)
    let other = RPCError(.internal, "no")
    #expect(judge(&attempts, .failed(other)) == .end(other))
    var without = Attempts(policy: nil)
    #expect(judge(&without, .failed(unavailable)) == .end(unavailable))
    #expect(judge(&attempts, .succeeded) == .end(nil))
  }

  @Test func aResponseThatHasBegunCommits() {
    var attempts = Attempts(policy: policy)
    attempts.commit()
    #expect(judge(&attempts, .failed(unavailable)) == .end(unavailable))
    #expect(judge(&attempts, .unprocessed(unavailable)) == .end(unavailable))
    #expect(judge(&attempts, .unsent(unavailable)) == .end(unavailable))
  }

  @Test func theServerSaysWhenOrThatItIsEnough() {
    var attempts = Attempts(policy: policy)
    #expect(judge(&attempts, .failed(unavailable, pushback: "250")) == .again(after: .milliseconds(250)))
    // The waits begin anew.
    #expect(judge(&attempts, .failed(unavailable)) == .again(after: .seconds(1)))
    for pushback in ["-1", "soon", "", "99999999999"] {
      var attempts = Attempts(policy: policy)
      #expect(judge(&attempts, .failed(unavailable, pushback: pushback)) == .end(unavailable))
    }
  }

  @Test func whatTheServerDidNotProcessIsTriedAgainOnce() {
    var without = Attempts(policy: nil)
    #expect(judge(&without, .unprocessed(unavailable)) == .again(after: .zero))
    #expect(without.previous == 0)
    #expect(judge(&without, .unprocessed(unavailable)) == .end(unavailable))
    // Then the policy holds.
    var attempts = Attempts(policy: policy)
    #expect(judge(&attempts, .unprocessed(unavailable)) == .again(after: .zero))
    #expect(judge(&attempts, .unprocessed(unavailable)) == .again(after: .seconds(1)))
  }

  @Test func whatWasNotSentIsTriedUntilItIsAndDoesNotLoop() {
    var attempts = Attempts(policy: nil)
    #expect(judge(&attempts, .unsent(unavailable)) == .again(after: .zero))
    for _ in 0..<100 {
      guard case .again(let wait) = judge(&attempts, .unsent(unavailable)) else {
        Issue.record("no other attempt")
        return
      }
      #expect(wait >= .seconds(1))
    }
    #expect(attempts.previous == 0)
  }

  /// With 4 tokens, retries are made while more than 2 are left.
  @Test func failuresThrottleRetries() {
    var throttle: RetryThrottle? = RetryThrottle(maxTokens: 4, tokenRatio: 0.5)
    func retries() -> Bool {
      var attempts = Attempts(policy: policy)
      return attempts.judge(.failed(unavailable), throttle: &throttle) != .end(unavailable)
    }
    func note(_ outcome: Attempts.Outcome) {
      var attempts = Attempts(policy: policy)
      _ = attempts.judge(outcome, throttle: &throttle)
    }
    #expect(retries())
    #expect(!retries())
    // Other failures count nothing, and transparent retries neither.
    note(.failed(RPCError(.invalidArgument, "no")))
    note(.unprocessed(unavailable))
    note(.succeeded)
    note(.succeeded)
    note(.succeeded)
    // 2 + 3 × 0.5 - 1 is over 2 again.
    #expect(retries())
    note(.failed(unavailable, pushback: "-1"))
    #expect(!retries())
  }
}
