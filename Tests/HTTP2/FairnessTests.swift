import HTTP2
import RPC
import Synchronization
import Testing

/// A client that has much computed does not keep others from being served, on one loop.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct FairnessTests {
  private static let burst = 200
  /// Long enough that a busy machine is no reason for an answer to come after half of the burst.
  private static let milliseconds: Int64 = 20

  /// How many handlers of a burst had begun when another client got its answer.
  private func begunAtAnswer(
    _ method: MethodDescriptor,
    other: MethodDescriptor,
    limits: Limits = Limits()
  ) async throws -> Int {
    let observed = TestService.Observations()
    let router = try Router(services: [TestService(observed: observed)])
    let server = Server(router: router, limits: limits, logger: quiet, eventLoops: 1)
    let address = try await server.start(port: 0)
    let busy = HTTP2Channel(host: address.host, port: address.port)
    let calm = HTTP2Channel(host: address.host, port: address.port)
    // Connections are made before, so that none has to wait for the burst to be accepted.
    for channel in [busy, calm] { _ = try await channel.unary(TestService.Methods.echo, Request()) as Reply }
    let begun = try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<Self.burst {
        group.addTask { _ = try? await busy.unary(method, Request(id: Self.milliseconds)) as Reply }
      }
      while observed.started.load(ordering: .sequentiallyConsistent) == 0 {
        try await Task.sleep(for: .milliseconds(1))
      }
      _ = try await calm.unary(other, Request(id: 1)) as Reply
      let begun = observed.started.load(ordering: .sequentiallyConsistent)
      group.cancelAll()
      return begun
    }
    await busy.close()
    await calm.close()
    await server.shutdown(grace: .zero)
    return begun
  }

  @Test func theLoopGoesBackToItsSockets() async throws {
    let begun = try await begunAtAnswer(TestService.Methods.compute, other: TestService.Methods.echo)
    #expect(begun < Self.burst / 2)
  }

  @Test func costlyHandlersLeaveTheLoopAlone() async throws {
    var limits = Limits()
    limits.maxRunningCostlyHandlers = 1  // leaves a processor to the clients
    let begun = try await begunAtAnswer(
      TestService.Methods.computeAside, other: TestService.Methods.echo, limits: limits)
    #expect(begun < Self.burst / 2)
  }

  @Test func connectionsTakeTurnsAmongCostlyHandlers() async throws {
    var limits = Limits()
    limits.maxRunningCostlyHandlers = 1
    let begun = try await begunAtAnswer(
      TestService.Methods.computeAside, other: TestService.Methods.computeAside, limits: limits)
    #expect(begun < Self.burst / 2)
  }

  /// A call that ends while it waits for a place is never computed, and takes no place.
  @Test func whoGivesUpWaitingIsNotServed() async throws {
    var limits = Limits()
    limits.maxRunningCostlyHandlers = 1
    try await withService(.socket, limits: limits) { channel, observed in
      let first = Task { try await channel.unary(TestService.Methods.computeAside, Request(id: 300)) as Reply }
      #expect(await eventually { observed.started.load(ordering: .sequentiallyConsistent) == 1 })
      let options = CallOptions(timeout: .milliseconds(50))
      let error = await failure {
        try await channel.unary(TestService.Methods.computeAside, Request(id: 300), options: options) as Reply
      }
      #expect(error?.code == .deadlineExceeded)
      #expect(try await first.value.id == 300)
      let next: Reply = try await channel.unary(TestService.Methods.computeAside, Request(id: 1))
      #expect(next.id == 1)
      #expect(observed.started.load(ordering: .sequentiallyConsistent) == 2)
    }
  }
}
