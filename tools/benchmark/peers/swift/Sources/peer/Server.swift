import GRPCCore
import GRPCNIOTransportHTTP2
import GRPCProtobuf

/// Answers the benchmark's two methods.
struct BenchService: Bench_Bench.SimpleServiceProtocol {
  func small(request: Bench_SmallRequest, context: ServerContext) async throws -> Bench_SmallReply {
    var reply = Bench_SmallReply()
    reply.name = request.name
    reply.id = request.id
    reply.state = 3
    return reply
  }

  func echo(request: Bench_Application, context: ServerContext) async throws -> Bench_Application {
    request
  }
}

/// Serves `bench.Bench` by grpc-swift-2: `peer PORT`.
@main
struct Peer {
  static func main() async throws {
    guard CommandLine.arguments.count == 2, let port = Int(CommandLine.arguments[1]) else {
      print("usage: peer PORT")
      return
    }
    let server = GRPCServer(
      transport: .http2NIOPosix(
        address: .ipv4(host: "127.0.0.1", port: port),
        transportSecurity: .plaintext
      ),
      services: [BenchService()]
    )
    try await server.serve()
  }
}
