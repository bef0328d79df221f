import ArgumentParser
import Protobuf
import RPC

/// `millrace describe`: what a server with reflection offers.
struct Describe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists a server's services, or prints the contract of a service, method, message or enum.")

  @OptionGroup var server: AnyServerOptions

  @Argument(help: "The full name of a service, method, message or enum; all services unless given.")
  var symbol: String?

  func run() async throws {
    let channel = try server.channel()
    do {
      print(try await text(ReflectionClient(channel, options: try server.options())))
      await channel.close()
    } catch let error as RPCError {
      await channel.close()
      ErrorReport.print(error)
      throw ExitCode.failure
    }
  }

  private func text(_ reflection: ReflectionClient) async throws -> String {
    guard let symbol else { return try await reflection.services().sorted().joined(separator: "\n") }
    // SERVICE/METHOD is a method's name to a caller.
    let name = symbol.split(separator: "/").joined(separator: ".")
    let pool = try await reflection.pool(declaring: name)
    if let service = pool.service(name) { return ContractText.service(service, name) }
    if let message = pool.message(name) { return ContractText.message(message) }
    if let one = pool.enum(name) { return ContractText.enumeration(one) }
    if let point = name.lastIndex(of: "."), let service = pool.service(String(name[..<point])),
      let method = service.method.first(where: { $0.name == String(name[name.index(after: point)...]) })
    {
      let messages = [method.inputType, method.outputType].compactMap { pool.message(SymbolName.plain($0)) }
      return ([ContractText.method(method)] + messages.map(ContractText.message)).joined(separator: "\n\n")
    }
    throw RPCError(.notFound, "\(symbol) is no service, method, message or enum")
  }
}
