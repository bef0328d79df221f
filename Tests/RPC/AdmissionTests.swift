import BenchContract
import RPC
import Synchronization
import Testing

/// Who decides on the headers of a call, and what becomes of one that is refused.
@Suite(.timeLimit(.minutes(1)))
struct AdmissionTests {
  typealias Log = InterceptorTests.Log

  /// Notes that it was asked, and how the call ended.
  struct Noting: Admission {
    let name: String
    let log: Log
    func admit(_ call: Call) {
      log.add(name)
      call.whenEnded { [name, log] error in log.add("\(name) hears \(error?.code ?? .ok)") }
    }
  }

  struct Refusing: Admission {
    func admit(_ call: Call) throws(RPCError) { throw .permissionDenied("no") }
  }

  struct Introducing: Admission {
    func admit(_ call: Call) { call.principal = Principal(subject: "users/1") }
  }

  private func call(_ admissions: [any Admission], _ log: Log) async throws -> Bench.SmallReply {
    let router = try Router(
      services: [InterceptorTests.Echo(log: log)], admissions: admissions,
      interceptors: [InterceptorTests.Named(name: "interceptor", log: log)])
    return try await InProcessChannel(router: router).unary(InterceptorTests.Echo.method, Bench.SmallRequest(name: "x"))
  }

  @Test func theyAreAskedInOrderAndBeforeInterceptors() async throws {
    let log = Log()
    _ = try await call([Noting(name: "a", log: log), Introducing(), Noting(name: "b", log: log)], log)
    #expect(
      log.all.prefix(5) == ["a", "b", "interceptor in", "handler for users/1", "interceptor out"], "\(log.all)")
    #expect(log.all.suffix(2) == ["b hears OK", "a hears OK"])
  }

  @Test func aRefusedCallReachesNobodyElse() async throws {
    let log = Log()
    let error = await #expect(throws: RPCError.self) {
      try await call([Noting(name: "a", log: log), Refusing(), Noting(name: "b", log: log)], log)
    }
    #expect(error?.code == .permissionDenied)
    #expect(log.all == ["a", "a hears PERMISSION_DENIED"])
  }

  /// The client has sent nothing but the headers, and hears that it may stop.
  @Test func aStreamIsRefusedBeforeItsFirstMessage() async throws {
    let method = MethodDescriptor(service: "t.S", name: "Collect", kind: .clientStreaming, access: .public)
    struct Collecting: Service {
      static let descriptor = ServiceDescriptor(name: "t.S", methods: [])
      let methods: [ServiceMethod]
    }
    let service = Collecting(methods: [
      .clientStreaming(method) { (_: RequestStream<Bench.SmallRequest>, _) in Bench.SmallReply() }
    ])
    let channel = InProcessChannel(router: try Router(services: [service], admissions: [Refusing()]))
    let call: ClientStreamingCall<Bench.SmallRequest, Bench.SmallReply> = try await channel.clientStreaming(method)
    let error = await #expect(throws: RPCError.self) { try await call.finish() }
    #expect(error?.code == .permissionDenied)
  }
}
