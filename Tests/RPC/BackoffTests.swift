import RPC
import Testing

/// The numbers of gRPC's connection backoff protocol: 1 s, times 1.6 up to 120 s, give or take a fifth.
struct BackoffTests {
  @Test func waitsGrowToABound() {
    var backoff = Backoff()
    let waits = (0..<14).map { _ in backoff.failed(chance: 0.5) }
    #expect(waits[0] == .seconds(1))
    #expect(abs(waits[1] / .seconds(1) - 1.6) < 0.001)
    #expect(abs(waits[2] / .seconds(1) - 2.56) < 0.001)
    #expect(waits[13] == .seconds(120))
    #expect(waits == waits.sorted())
  }

  @Test(arguments: [(0.0, 0.8), (1.0, 1.2)])
  func chanceMovesAWaitByAFifth(_ chance: Double, _ seconds: Double) {
    var backoff = Backoff()
    #expect(abs(backoff.failed(chance: chance) / .seconds(1) - seconds) < 0.001)
  }

  @Test func aConnectionStartsAnew() {
    var backoff = Backoff()
    for _ in 0..<5 { _ = backoff.failed(chance: 0.5) }
    backoff.succeeded()
    #expect(backoff.failed(chance: 0.5) == .seconds(1))
  }
}
