import ArgumentParser
import Contracts
import Foundation
import HTTP2
import Identity
import RPC

/// How the commands that call a running server reach it.
struct ServerOptions: ParsableArguments {
  @Option(help: "The server, HOST:PORT. (default: \(Address.standard))", transform: Address.init(parsing:))
  var server = Address.standard

  @Option(help: "The server's data folder, for the callers' tokens.")
  var data = "var/millrace"

  @OptionGroup(title: "TLS")
  var tls: ClientTLSOptions

  func channel() throws -> HTTP2Channel { try tls.channel(to: server) }

  /// Call options that carry the token of the caller with a role.
  func options(as role: Role) throws -> CallOptions {
    var metadata = Metadata()
    metadata.add("authorization", "Bearer \(try Callers.token(of: role, file: Installation.callersFile(data)))")
    return CallOptions(metadata: metadata)
  }
}
