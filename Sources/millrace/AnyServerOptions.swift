import ArgumentParser
import Foundation
import HTTP2
import Identity
import RPC

/// How the commands that call any gRPC server reach it.
struct AnyServerOptions: ParsableArguments {
  @Option(help: "The server, HOST:PORT. (default: \(Address.standard))", transform: Address.init(parsing:))
  var server = Address.standard

  @Option(
    name: [.customLong("header"), .customShort("H")], help: "A line of metadata, NAME: VALUE, as often as needed.")
  var headers: [String] = []

  @Option(help: "A bearer token to send.")
  var token: String?

  @Option(help: "Send the token of the caller with this role in the data folder of a Millrace server on this machine.")
  var role: String?

  @Option(help: "That data folder.")
  var data = "var/millrace"

  @Option(help: "The time that a call may take, in seconds; none unless given.")
  var timeout: Int?

  @OptionGroup(title: "TLS")
  var tls: ClientTLSOptions

  func validate() throws {
    if let timeout, timeout <= 0 { throw ValidationError("--timeout must be positive.") }
    if token != nil, role != nil { throw ValidationError("--token and --role exclude each other.") }
    if let role, Role(rawValue: role) == nil { throw ValidationError("--role: there is no role “\(role)”.") }
    for header in headers where Self.parse(header) == nil {
      throw ValidationError("--header: “\(header)” is not of the form NAME: VALUE.")
    }
  }

  func channel() throws -> HTTP2Channel { try tls.channel(to: server) }

  func options() throws -> CallOptions {
    var metadata = Metadata()
    for (name, value) in headers.compactMap(Self.parse) { metadata.add(name, value) }
    var token = token
    if let role = role.flatMap(Role.init(rawValue:)) {
      token = try Callers.token(of: role, file: Installation.callersFile(data))
    }
    if let token { metadata.add("authorization", "Bearer \(token)") }
    return CallOptions(deadline: timeout.map { Deadline(after: .seconds($0)) }, metadata: metadata)
  }

  private static func parse(_ header: String) -> (String, String)? {
    guard let colon = header.firstIndex(of: ":") else { return nil }
    let name = header[..<colon].trimmingCharacters(in: .whitespaces)
    let value = header[header.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    var metadata = Metadata()
    return metadata.add(name, value) ? (name, value) : nil
  }
}
