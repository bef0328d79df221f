import BenchContract
import HTTP2
import RPC
import Synchronization
import Testing

/// Calls that a handler makes end with the call that it handles.
@Suite(.timeLimit(.minutes(1)))
struct PropagationTests {
  private static let relay = TestService.Methods.method("Relay", .unary)

  /// Calls another service, and answers with what that says.
  private struct Relay: Service {
    static let descriptor = ServiceDescriptor(name: "test.Test", methods: [])
    let behind: any RPC.Channel
    let method: MethodDescriptor
    let options: CallOptions

    var methods: [ServiceMethod] {
      [
        .unary(PropagationTests.relay) { (request: Request, _) -> Reply in
          // A task of the handler's own hands the deadline on, too.
          async let reply: Reply = behind.unary(method, request, options: options)
          return try await reply
        }
      ]
    }
  }

  /// What the service behind says of its deadline, as a handler in front calls it.
  private func state(
    _ transport: Transport,
    front: CallOptions,
    behind: CallOptions = CallOptions()
  ) async throws -> Int32 {
    var state: Int32 = -1
    try await withService(transport) { channel, _ in
      let relay = Relay(behind: channel, method: TestService.Methods.echo, options: behind)
      let server = InProcessChannel(router: try Router(services: [relay]))
      let reply: Reply = try await server.unary(Self.relay, Request(), options: front)
      state = reply.state
    }
    return state
  }

  @Test(arguments: Transport.allCases)
  func aDeadlineIsHandedOn(_ transport: Transport) async throws {
    #expect(try await state(transport, front: CallOptions()) == 0)
    #expect(try await state(transport, front: CallOptions(timeout: .seconds(30))) == 1)
    let alone = CallOptions(inheritsDeadline: false)
    #expect(try await state(transport, front: CallOptions(timeout: .seconds(30)), behind: alone) == 0)
  }

  /// Neither does the handled call's deadline lengthen another, nor the other way around.
  @Test(arguments: [(30_000, 100), (100, 30_000)])
  func theSoonerDeadlineCounts(_ frontMilliseconds: Int, _ behindMilliseconds: Int) async throws {
    try await withService(.socket) { channel, _ in
      let behind = CallOptions(timeout: .milliseconds(behindMilliseconds))
      let relay = Relay(behind: channel, method: TestService.Methods.hang, options: behind)
      let server = InProcessChannel(router: try Router(services: [relay]))
      let front = CallOptions(timeout: .milliseconds(frontMilliseconds))
      let error = await failure { try await server.unary(Self.relay, Request(), options: front) as Reply }
      #expect(error?.code == .deadlineExceeded)
    }
  }

  @Test(arguments: Transport.allCases)
  func whatACallWaitsForEndsWithIt(_ transport: Transport) async throws {
    try await withService(transport) { channel, observed in
      let relay = Relay(behind: channel, method: TestService.Methods.hang, options: CallOptions())
      let server = InProcessChannel(router: try Router(services: [relay]))
      let call = Task { try await server.unary(Self.relay, Request()) as Reply }
      #expect(await eventually { observed.started.load(ordering: .sequentiallyConsistent) == 1 })
      call.cancel()
      #expect(await failure { try await call.value }?.code == .cancelled)
      #expect(await eventually { observed.cancelled.load(ordering: .sequentiallyConsistent) == 1 })

      let options = CallOptions(timeout: .milliseconds(200))
      let error = await failure { try await server.unary(Self.relay, Request(), options: options) as Reply }
      #expect(error?.code == .deadlineExceeded)
      #expect(await eventually { observed.cancelled.load(ordering: .sequentiallyConsistent) == 2 })
    }
  }
}
