import RPC
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HealthTests {
  private func client(_ health: Health) throws -> GrpcHealthV1.HealthClient {
    var router = try Router()
    try router.register(health, access: .public)
    return GrpcHealthV1.HealthClient(InProcessChannel(router: router))
  }

  @Test func check() async throws {
    let health = Health(services: ["a.A"])
    let client = try client(health)
    #expect(try await client.check(.init()).status == .serving)
    health.set(.notServing, of: "a.A")
    #expect(try await client.check(.init(service: "a.A")).status == .notServing)
    let error = await #expect(throws: RPCError.self) { try await client.check(.init(service: "b.B")) }
    #expect(error?.code == .notFound)
  }

  @Test func list() async throws {
    let statuses = try await client(Health(services: ["a.A"])).list(.init()).statuses
    #expect(statuses.mapValues(\.status) == ["": .serving, "a.A": .serving])
  }

  @Test func watch() async throws {
    let health = Health()
    let client = try client(health)
    var states = try await client.watch(.init(service: "a.A")).makeAsyncIterator()
    #expect(try await states.next()?.status == .serviceUnknown)
    health.set(.serving, of: "a.A")
    #expect(try await states.next()?.status == .serving)
    health.shutDown()
    #expect(try await states.next()?.status == .notServing)
  }
}
