import ArgumentParser
import BenchContract
import Glibc
import HTTP2
import RPC

/// Serves `bench.Bench` for load generators.
@main
struct BenchServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "bench-server")

  @Option(help: "The port to listen on.")
  var port = 50_063

  @Option(help: "The number of event loops.")
  var loops = 1

  @Option(help: "A limit other than its default, name=value.", transform: { try LimitSetting($0) })
  var limit: [LimitSetting] = []

  func run() async throws {
    var router = try Router()
    try router.register(BenchService(), access: .public)
    _ = try router.registerStandardServices()
    var limits = Limits()
    limits.maxConcurrentStreams = 1_000
    limits.set(limit)
    let server = Server(router: router, limits: limits, eventLoops: loops)
    print("listening on \(try await server.start(host: "127.0.0.1", port: port))")
    fflush(nil)  // whoever reads it through a file or a pipe waits for this line
    while !Task.isCancelled { try await Task.sleep(for: .seconds(3_600)) }
  }
}

struct BenchService: Bench.Bench {
  func small(_ request: Bench.SmallRequest, _ call: Call) async throws -> Bench.SmallReply {
    Bench.SmallReply(name: request.name, id: request.id, state: 3)
  }

  func echo(_ request: Bench.Application, _ call: Call) async throws -> Bench.Application { request }
}
