import ArgumentParser
import Foundation
import HTTP2
import Logging
import RPC

/// `millrace serve`: the service on a data folder, until SIGTERM or SIGINT.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serves the platform on an embedded database.",
    discussion: """
      At the first start the data folder is made, with the tokens of one caller a role in callers.json.
      SIGTERM and SIGINT end it: running calls may finish, within the time that --grace gives them.
      """)

  @Option(
    help:
      "Where to listen, HOST:PORT or unix:PATH, as often as needed; port 0 takes a free one. (default: \(Address.standard))",
    transform: ListenAddress.init(parsing:))
  var listen: [ListenAddress] = [.tcp(.standard)]

  @Option(help: "The folder that holds the database and the callers' tokens.")
  var data = "var/millrace"

  @Option(help: "How long running calls may take to finish after a signal, in seconds.")
  var grace = 10

  @Option(help: "The least level that is logged: trace, debug, info, notice, warning, error, critical.")
  var logLevel = "info"

  @Option(
    help: "A limit of the server other than its default, NAME=VALUE, as often as needed; see `millrace limits`.",
    transform: { try LimitSetting($0) })
  var limit: [LimitSetting] = []

  @Option(
    help: "A web origin whose pages may call, such as https://app.example.com, as often as needed; * is every one.")
  var allowOrigin: [String] = []

  @Flag(inversion: .prefixedNo, help: "Tell clients the services' contracts, by gRPC's reflection.")
  var reflection = true

  @OptionGroup(title: "TLS")
  var tls: TLSOptions

  func validate() throws {
    guard Logger.Level(rawValue: logLevel) != nil else { throw ValidationError("--log-level: no level \(logLevel)") }
    guard grace >= 0 else { throw ValidationError("--grace must not be negative") }
  }

  func run() async throws {
    LargeBuffers.returnWhenFreed()
    var logger = Logger(label: "millrace", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
    let signals = Signals([SIGTERM, SIGINT, SIGHUP])
    try OpenFileLimit.check()
    let installation = try Installation(data: data, logger: logger)
    defer { installation.store.close() }
    let (router, health) = try installation.router(reflection: reflection)
    var limits = Limits()
    limits.set(limit)
    let crossOrigin = CrossOrigin(allowedOrigins: Set(allowOrigin))
    let server = Server(router: router, limits: limits, logger: logger, crossOrigin: crossOrigin)
    var places: [ListenAddress] = []
    for place in listen { places.append(try await start(server, at: place)) }
    say(greeting(places))
    var signal: Int32 = 0
    for await number in signals.numbers {
      if number == SIGHUP {
        server.reloadCertificates()
      } else {
        signal = number
        break
      }
    }
    logger.info("draining", metadata: ["signal": "\(signal)", "grace": "\(grace) s"])
    health.shutDown()
    await server.shutdown(grace: .seconds(grace))
    logger.info("stopped")
  }

  /// Gives the place with the port that was taken.
  private func start(_ server: Server, at place: ListenAddress) async throws -> ListenAddress {
    switch place {
    case .tcp(let address):
      let bound = try await server.start(host: address.host, port: address.port, tls: tls.configuration)
      return .tcp(Address(host: address.host, port: bound.port))
    case .unix(let path):
      try await server.start(unixSocket: path, tls: tls.configuration)
      return place
    }
  }

  private func greeting(_ places: [ListenAddress]) -> String {
    let list = places.map(\.description).joined(separator: " and ")
    let greeting = "Millrace is listening on \(list), with its data in \(data)."
    // The examples speak plaintext to a port.
    guard tls.configuration == nil, case .tcp(let address)? = places.first else { return greeting }
    return """
      \(greeting)
      Try it:
        millrace demo --server \(address) --data \(data)
        millrace watch --server \(address) --data \(data)
      """
  }
}
