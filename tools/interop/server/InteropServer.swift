import ArgumentParser
import Glibc
import HTTP2
import RPC

/// Serves `grpc.testing.TestService`, for other implementations' interoperability clients.
@main
struct InteropServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "interop-server")

  @Option(help: "The port to listen on; 0 takes a free one.")
  var port = 10_000

  func run() async throws {
    var router = try Router()
    try router.register(TestService(), access: .public)
    try router.register(Health(services: router.services.map(\.name)), access: .public)
    let server = Server(router: router)
    print("listening on \(try await server.start(host: "127.0.0.1", port: port))")
    fflush(nil)  // whoever reads it through a file or a pipe waits for this line
    while !Task.isCancelled { try await Task.sleep(for: .seconds(3_600)) }
  }
}
