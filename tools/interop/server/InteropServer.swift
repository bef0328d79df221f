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

  @Option(help: "A PEM file with the server's certificate; TLS is spoken then.")
  var tlsCert: String?

  @Option(help: "A PEM file with the certificate's private key.")
  var tlsKey: String?

  @Option(help: "A limit other than its default, name=value.", transform: { try LimitSetting($0) })
  var limit: [LimitSetting] = []

  func validate() throws {
    guard (tlsCert == nil) == (tlsKey == nil) else { throw ValidationError("--tls-cert and --tls-key go together") }
  }

  func run() async throws {
    var router = try Router()
    try router.register(TestService(), access: .public)
    _ = try router.registerStandardServices()
    var limits = Limits()
    limits.set(limit)
    let server = Server(router: router, limits: limits)
    var tls: ServerTLS?
    if let tlsCert, let tlsKey { tls = ServerTLS(certificateFile: tlsCert, keyFile: tlsKey) }
    print("listening on \(try await server.start(host: "127.0.0.1", port: port, tls: tls))")
    fflush(nil)  // whoever reads it through a file or a pipe waits for this line
    while !Task.isCancelled { try await Task.sleep(for: .seconds(3_600)) }
  }
}
