import ArgumentParser
import Glibc
import HTTP2
import RPC

/// Runs cases of gRPC's interoperability tests against a server of any implementation.
@main
struct InteropClient: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "interop-client")

  @Option(help: "The server's name or address.")
  var host = "127.0.0.1"

  @Option(help: "The server's port.")
  var port = 10_000

  @Option(
    help: "What to call instead of host and port, such as “dns:///example.com:443” or “ipv4:10.0.0.1:1,10.0.0.2:1”.")
  var target: String?

  @Option(help: "A gRPC service config in JSON: retries, timeouts, balance.")
  var serviceConfig = "{}"

  @Option(help: "How often the case runs, each time anew.")
  var iterations = 1

  @Option(help: "The case to run, or “all”: \(InteropCase.allCases.map(\.rawValue).joined(separator: ", ")).")
  var testCase = "empty_unary"

  @Option(help: "A PEM file with the roots of the server's certificate; TLS is spoken then.")
  var tlsCa: String?

  @Option(help: "The name that the server's certificate is for, where that is not the host.")
  var serverHostOverride: String?

  func validate() throws {
    guard testCase == "all" || InteropCase(rawValue: testCase) != nil else {
      throw ValidationError("--test-case: there is no case “\(testCase)”")
    }
  }

  func run() async throws {
    let cases = testCase == "all" ? InteropCase.allCases : [InteropCase(rawValue: testCase)].compactMap { $0 }
    let channel = try HTTP2Channel(
      target.map { try Target($0) } ?? Target(host: host, port: port),
      tls: tlsCa.map { ClientTLS(rootsFile: $0, serverName: serverHostOverride) },
      serviceConfig: ServiceConfig(json: serviceConfig)
    )
    var failures = 0
    for one in cases {
      do {
        var note: String?
        for _ in 0..<iterations { note = try await one.run(on: channel) }
        print("\(one.rawValue): passed\(note.map { " (\($0))" } ?? "")")
      } catch {
        failures += 1
        print("\(one.rawValue): FAILED: \(error)")
      }
      fflush(nil)
    }
    await channel.close()
    if failures > 0 { throw ExitCode.failure }
  }
}
