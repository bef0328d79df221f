import NIOPosix
import RPC
import Testing

@testable import HTTP2

@Suite(.timeLimit(.minutes(1)))
struct TimerWheelTests {
  /// Only touched on the loop.
  private final class Counter: @unchecked Sendable {
    var value = 0
  }

  /// Two that are due together: whoever is told first cancels the other, as a connection that ends does with its streams.
  @Test func whatIsDueCanStillBeCancelled() async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let told = try await loop.flatSubmit {
      let promise = loop.makePromise(of: Int.self)
      let wheel = TimerWheel(loop: loop)
      let (first, second) = (TimerEntry(), TimerEntry())
      let count = Counter()
      first.onExpiry = {
        count.value += 1
        wheel.cancel(second)
      }
      second.onExpiry = {
        count.value += 1
        wheel.cancel(first)
      }
      let due = Deadline.nowNanoseconds() + 10_000_000
      wheel.schedule(first, at: due)
      wheel.schedule(second, at: due)
      loop.scheduleTask(in: .milliseconds(100)) { promise.succeed(count.value) }
      return promise.futureResult
    }.get()
    #expect(told == 1)
  }
}
