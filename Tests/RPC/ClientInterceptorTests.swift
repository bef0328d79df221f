import BenchContract
import RPC
import Synchronization
import Testing

struct ClientInterceptorTests {
  private static let method = MethodDescriptor(service: "t.T", name: "Echo", kind: .unary, access: .public)

  /// Answers with the metadata `x-way` of the call.
  private struct Echo: Service {
    static let descriptor = ServiceDescriptor(name: "t.T", methods: [ClientInterceptorTests.method])
    var methods: [ServiceMethod] {
      [
        .unary(ClientInterceptorTests.method) { (_: Bench.SmallRequest, call) in
          Bench.SmallReply(name: call.requestMetadata.values("x-way").joined(separator: " "))
        }
      ]
    }
  }

  private struct Signing: ClientInterceptor {
    let name: String

    func intercept(
      _ method: MethodDescriptor,
      options: CallOptions,
      next: @Sendable (CallOptions) async throws -> any ClientStream
    ) async throws -> any ClientStream {
      var options = options
      options.metadata.add("x-way", "\(name) to \(method.name)")
      return try await next(options)
    }
  }

  private struct Refusing: ClientInterceptor {
    func intercept(
      _ method: MethodDescriptor,
      options: CallOptions,
      next: @Sendable (CallOptions) async throws -> any ClientStream
    ) async throws -> any ClientStream {
      throw RPCError(.unauthenticated, "nobody is signed in")
    }
  }

  /// Counts the bytes that go out.
  private final class Counting: ClientInterceptor {
    let count = Atomic<Int>(0)

    func intercept(
      _ method: MethodDescriptor,
      options: CallOptions,
      next: @Sendable (CallOptions) async throws -> any ClientStream
    ) async throws -> any ClientStream {
      Counted(stream: try await next(options), counting: self)
    }
  }

  private final class Counted: ClientStream {
    private let stream: any ClientStream
    private let counting: Counting

    init(stream: any ClientStream, counting: Counting) {
      self.stream = stream
      self.counting = counting
    }

    func send(_ message: [UInt8], compressed: Bool) async throws {
      counting.count.add(message.count, ordering: .relaxed)
      try await stream.send(message, compressed: compressed)
    }

    func finishSending() { stream.finishSending() }
    func receive() async throws -> ReceivedMessage? { try await stream.receive() }
    func responseMetadata() async throws -> Metadata { try await stream.responseMetadata() }
    var trailingMetadata: Metadata { stream.trailingMetadata }
    func cancel() { stream.cancel() }
  }

  private func call(_ interceptors: [any ClientInterceptor]) async throws -> String {
    let channel = InterceptedChannel(
      InProcessChannel(router: try Router(services: [Echo()])), interceptors: interceptors)
    let reply: Bench.SmallReply = try await channel.unary(Self.method, Bench.SmallRequest(name: "abc"))
    return reply.name
  }

  @Test func theFirstIsTheOutermost() async throws {
    #expect(try await call([]) == "")
    #expect(try await call([Signing(name: "a"), Signing(name: "b")]) == "a to Echo b to Echo")
  }

  @Test func oneMayRefuseTheCall() async throws {
    let error = await #expect(throws: RPCError.self) { try await call([Refusing(), Signing(name: "a")]) }
    #expect(error?.code == .unauthenticated)
  }

  @Test func oneMaySeeWhatTravels() async throws {
    let counting = Counting()
    _ = try await call([counting])
    #expect(counting.count.load(ordering: .relaxed) == Bench.SmallRequest(name: "abc").serializedBytes().count)
  }
}
