import ArgumentParser
import BenchContract
import HTTP2
import Logging
import RPC

/// The two calls that every peer answers as well.
struct BenchService: Bench.Bench {
  func small(_ request: Bench.SmallRequest, _ call: Call) async throws -> Bench.SmallReply {
    Bench.SmallReply(name: request.name, id: request.id, state: 3)
  }

  func echo(_ request: Bench.Application, _ call: Call) async throws -> Bench.Application {
    request
  }
}

/// `bench-server --port N`: serves `bench.Bench` until it is killed, on one event loop.
@main
struct BenchServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "bench-server")

  @Option(help: "The port on 127.0.0.1.")
  var port: Int

  func run() async throws {
    var logger = Logger(label: "bench-server", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .warning
    let server = Server(router: try Router(services: [BenchService()]), logger: logger, eventLoops: 1)
    let address = try await server.start(host: "127.0.0.1", port: port)
    print("listening on \(address)")
    while !Task.isCancelled { try await Task.sleep(for: .seconds(3_600)) }
  }
}
