import BenchContract
import RPC
import Synchronization
import Testing

/// What an interceptor sees of a call: the handler's end by `next`, the call's by `whenEnded`.
@Suite(.timeLimit(.minutes(1))) struct CallEndTests {
  /// Notes both ends, and lets a test wait for what was noted.
  final class Notes: ServerInterceptor {
    private let notes = Mutex<[String]>([])

    func intercept(_ call: Call, next: @Sendable (Call) async throws -> Void) async throws {
      call.whenEnded { self.add("call: \($0?.code ?? .ok)") }
      do {
        try await next(call)
        add("handler: OK")
      } catch {
        add("handler: \((error as? RPCError)?.code.description ?? "\(type(of: error))")")
        throw error
      }
    }

    func add(_ note: String) { notes.withLock { $0.append(note) } }

    func all(_ count: Int) async throws -> [String] {
      while true {
        let notes = notes.withLock { $0 }
        if notes.count >= count { return notes }
        try await Task.sleep(for: .milliseconds(1))
      }
    }
  }

  /// Parks every response, and goes on with it as a test says.
  final class Parking: Service, ResponseKeeper {
    static let method = MethodDescriptor(service: "t.T", name: "Watch", kind: .serverStreaming, access: .public)
    static let descriptor = ServiceDescriptor(name: "t.T", methods: [method])
    private let parked = Mutex<(Call, ResponseStream<Bench.SmallReply>)?>(nil)

    var methods: [ServiceMethod] {
      [
        .serverStreaming(Parking.method) { (_: Bench.SmallRequest, response: ResponseStream<Bench.SmallReply>, call) in
          response.park(with: self)
          self.parked.withLock { $0 = (call, response) }
        }
      ]
    }

    func callDidEnd() {}

    func resume(_ handler: @escaping @Sendable () async throws -> Void) {
      guard let (_, response) = parked.withLock({ $0 }) else { return }
      response.loop.execute { response.resume { try await handler() } }
    }

    /// As when the deadline has passed.
    func expire() {
      guard let (call, _) = parked.withLock({ $0 }) else { return }
      call.loop.execute { call.expire() }
    }
  }

  private func park() async throws -> (Notes, Parking, ResponseSequence<Bench.SmallReply>) {
    let (notes, service) = (Notes(), Parking())
    let channel = InProcessChannel(router: try Router(services: [service], interceptors: [notes]))
    let responses: ResponseSequence<Bench.SmallReply> = try await channel.serverStreaming(
      Parking.method, Bench.SmallRequest())
    #expect(try await notes.all(1) == ["handler: OK"])
    return (notes, service, responses)
  }

  @Test func aParkedCallEndsWhenItsClientLeaves() async throws {
    let (notes, _, responses) = try await park()
    responses.cancel()
    #expect(try await notes.all(2) == ["handler: OK", "call: CANCELLED"])
  }

  @Test func aParkedCallEndsByItsDeadline() async throws {
    let (notes, service, responses) = try await park()
    service.expire()
    #expect(try await notes.all(2) == ["handler: OK", "call: DEADLINE_EXCEEDED"])
    withExtendedLifetime(responses) {}
  }

  @Test func aParkedCallEndsAsWhatGoesOnWithItDoes() async throws {
    for (error, status) in [(nil, "OK"), (RPCError(.dataLoss, "gone"), "DATA_LOSS")] {
      let (notes, service, responses) = try await park()
      service.resume { if let error { throw error } }
      #expect(try await notes.all(2) == ["handler: OK", "call: \(status)"])
      withExtendedLifetime(responses) {}
    }
  }

  /// A method of one message each way with this handler.
  struct Unary: Service {
    static let method = MethodDescriptor(service: "t.T", name: "Unary", kind: .unary, access: .public)
    static let descriptor = ServiceDescriptor(name: "t.T", methods: [method])
    let handler: @Sendable (Call) async throws -> Void
    var methods: [ServiceMethod] {
      [
        .unary(Unary.method) { (_: Bench.SmallRequest, call) in
          try await handler(call)
          return Bench.SmallReply()
        }
      ]
    }
  }

  private func notes(
    _ count: Int, _ handler: @escaping @Sendable (Call) async throws -> Void
  ) async throws -> [String] {
    let notes = Notes()
    let channel = InProcessChannel(router: try Router(services: [Unary(handler: handler)], interceptors: [notes]))
    _ = try? await channel.unary(Unary.method, Bench.SmallRequest()) as Bench.SmallReply
    return try await notes.all(count)
  }

  @Test func theStatusIsWhatTheClientHears() async throws {
    struct Unexpected: Error {}
    #expect(try await notes(2) { _ in } == ["handler: OK", "call: OK"])
    #expect(try await notes(2) { _ in throw Unexpected() } == ["handler: Unexpected", "call: INTERNAL"])
    #expect(
      try await notes(2) { _ in throw RPCError.notFound("x", type: "t") } == ["handler: NOT_FOUND", "call: NOT_FOUND"])
  }

  @Test func aCallEndsBeforeAHandlerThatDoesNotStop() async throws {
    let found = try await notes(2) { call in
      call.loop.execute { call.expire() }
      while !Task.isCancelled { await Task.yield() }
    }
    #expect(found == ["call: DEADLINE_EXCEEDED", "handler: OK"])
  }

  @Test func whoAsksLateHearsAtOnce() async throws {
    final class Kept: Sendable { let call = Mutex<Call?>(nil) }
    let (notes, kept) = (Notes(), Kept())
    let service = Unary { call in
      kept.call.withLock { $0 = call }
      throw RPCError(.aborted, "no")
    }
    let channel = InProcessChannel(router: try Router(services: [service], interceptors: [notes]))
    _ = try? await channel.unary(Unary.method, Bench.SmallRequest()) as Bench.SmallReply
    _ = try await notes.all(2)
    kept.call.withLock { $0 }?.whenEnded { notes.add("late: \($0?.code ?? .ok)") }
    #expect(try await notes.all(3).last == "late: ABORTED")
  }
}
