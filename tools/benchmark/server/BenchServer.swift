import ArgumentParser
import BenchContract
import Glibc
import HTTP2
import RPC

/// Serves `bench.Bench` and `bench.Streams` for load generators.
@main
struct BenchServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "bench-server")

  @Option(help: "The port to listen on.")
  var port = 50_063

  @Option(help: "The number of event loops.")
  var loops = 1

  @Option(help: "A PEM file with the server's certificate; TLS is spoken then.")
  var tlsCert: String?

  @Option(help: "A PEM file with the certificate's private key.")
  var tlsKey: String?

  @Option(help: "A limit other than its default, name=value.", transform: { try LimitSetting($0) })
  var limit: [LimitSetting] = []

  func run() async throws {
    LargeBuffers.returnWhenFreed()
    var router = try Router()
    try router.register(BenchService(), access: .public)
    try router.register(StreamsService(), access: .public)
    try router.register(FillService(), access: .public)
    try router.register(ComputingService(), access: .public, execution: .costly)
    _ = try router.registerStandardServices()
    var limits = Limits()
    limits.set(limit)
    let server = Server(router: router, limits: limits, eventLoops: loops)
    var tls: ServerTLS?
    if let tlsCert, let tlsKey { tls = ServerTLS(certificateFile: tlsCert, keyFile: tlsKey) }
    print("listening on \(try await server.start(host: "127.0.0.1", port: port, tls: tls))")
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

struct StreamsService: Bench.Streams {
  func count(_ request: Bench.CountRequest, _ chunks: ResponseStream<Bench.Chunk>, _ call: Call) async throws {
    for _ in stride(from: 0, to: request.count, by: 1) { try await chunks.send(Bench.Chunk(content: request.content)) }
  }
}

struct FillService: Bench.Fill {
  func fill(_ request: Bench.FillRequest, _ call: Call) async throws -> Bench.Chunk {
    Bench.Chunk(content: [UInt8](repeating: 0, count: Int(min(max(0, request.byteCount), 64 << 20))))
  }
}

struct ComputingService: Bench.Computing {
  func compute(_ request: Bench.ComputeRequest, _ call: Call) async throws -> Bench.ComputeReply {
    var value: UInt64 = 1
    for _ in 0..<max(0, request.rounds) { value = (value ^ value >> 29) &* 0xBF58_476D_1CE4_E5B9 &+ 1 }
    return Bench.ComputeReply(value: value)
  }
}
