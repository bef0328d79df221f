import BenchContract
import RPC
import Synchronization
import Testing

struct InterceptorTests {
  final class Log: Sendable {
    private let entries = Mutex<[String]>([])
    func add(_ entry: String) { entries.withLock { $0.append(entry) } }
    var all: [String] { entries.withLock { $0 } }
  }

  struct Named: ServerInterceptor {
    let name: String
    let log: Log
    func intercept(_ call: Call, next: @Sendable (Call) async throws -> Void) async throws {
      log.add("\(name) in")
      defer { log.add("\(name) out") }
      try await next(call)
    }
  }

  struct Denying: ServerInterceptor {
    func intercept(_ call: Call, next: @Sendable (Call) async throws -> Void) async throws {
      try await next(call)
      throw RPCError.permissionDenied("no")
    }
  }

  struct Silent: ServerInterceptor {
    func intercept(_ call: Call, next: @Sendable (Call) async throws -> Void) async throws {}
  }

  struct Echo: Service {
    static let method = MethodDescriptor(service: "t.T", name: "Echo", kind: .unary, access: .public)
    static let descriptor = ServiceDescriptor(name: "t.T", methods: [method])
    let log: Log
    var methods: [ServiceMethod] {
      [
        .unary(Echo.method) { (request: Bench.SmallRequest, call) in
          log.add("handler for \(call.principal?.subject ?? "nobody")")
          return Bench.SmallReply(name: request.name)
        }
      ]
    }
  }

  private func call(_ interceptors: [any ServerInterceptor], _ log: Log) async throws -> Bench.SmallReply {
    let channel = InProcessChannel(router: try Router(services: [Echo(log: log)], interceptors: interceptors))
    return try await channel.unary(Echo.method, Bench.SmallRequest(name: "x"))
  }

  @Test func theFirstIsTheOutermost() async throws {
    let log = Log()
    _ = try await call([Named(name: "a", log: log), Named(name: "b", log: log)], log)
    #expect(log.all == ["a in", "b in", "handler for nobody", "b out", "a out"])
  }

  @Test func aResponseIsHeldBackUntilTheChainHasEnded() async throws {
    let error = await #expect(throws: RPCError.self) { try await call([Denying()], Log()) }
    #expect(error?.code == .permissionDenied)
  }

  @Test func oneThatDoesNotCallNextIsAnError() async throws {
    let error = await #expect(throws: RPCError.self) { try await call([Silent()], Log()) }
    #expect(error?.code == .internal)
  }

  @Test func pathsAreUnique() {
    #expect(throws: RouterError.duplicateMethod("/t.T/Echo")) {
      try Router(services: [Echo(log: Log()), Echo(log: Log())])
    }
  }

  @Test func accessIsNotLeftOpen() {
    struct Open: Service {
      static let descriptor = ServiceDescriptor(name: "t.O", methods: [])
      var methods: [ServiceMethod] {
        [
          .unary(MethodDescriptor(service: "t.O", name: "M", kind: .unary, access: .unspecified)) {
            (request: Bench.SmallRequest, _) in request
          }
        ]
      }
    }
    #expect(throws: RouterError.accessUnspecified("/t.O/M")) { try Router(services: [Open()]) }
  }
}
