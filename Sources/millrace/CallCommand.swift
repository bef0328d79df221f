import ArgumentParser
import Foundation
import Protobuf
import RPC

/// `millrace call`: any method of any gRPC server that has reflection, in JSON.
struct CallCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "call",
    abstract: "Calls a method of any gRPC server with reflection, in JSON.",
    discussion: """
      Responses are printed as JSON, one after the other. An error is printed with its details, and ends with status 1.
        millrace call --role operator millrace.catalog.v1.CatalogService/ListProducts '{"pageSize": 5}'
      """)

  @OptionGroup var server: AnyServerOptions

  @Argument(help: "The method, such as grpc.health.v1.Health/Check.")
  var method: String

  @Argument(help: "The request in JSON; several values for a method that takes many. “-” reads standard input.")
  var json = "{}"

  func run() async throws {
    let channel = try server.channel()
    do {
      try await call(on: channel)
      await channel.close()
    } catch let error as RPCError {
      await channel.close()
      ErrorReport.print(error)
      throw ExitCode.failure
    }
  }

  private func call(on channel: any Channel) async throws {
    let options = try server.options()
    let method = try await resolve(ReflectionClient(channel, options: options))
    let requests = try requests(of: method)
    let stream = try await channel.open(method.descriptor, options: options)
    for request in requests {
      // When the server has answered already, the answer tells.
      guard (try? await stream.send(request, compressed: true)) != nil else { break }
    }
    stream.finishSending()
    var printing = JSONEncodingOptions()
    printing.isPretty = true
    while let response = try await stream.receive() {
      let json = try method.pool.json(response.bytes, as: method.output, options: printing)
      print(String(decoding: json, as: UTF8.self))
    }
  }

  private struct Method {
    var descriptor: MethodDescriptor
    var input: MessageSchema
    var output: MessageSchema
    var pool: DescriptorPool
  }

  private func resolve(_ reflection: ReflectionClient) async throws -> Method {
    let parts = method.split(separator: "/", omittingEmptySubsequences: true)
    guard parts.count == 2 else { throw ValidationError("“\(method)” is not of the form SERVICE/METHOD.") }
    let (serviceName, methodName) = (String(parts[0]), String(parts[1]))
    let pool = try await reflection.pool(declaring: serviceName)
    guard let service = pool.service(serviceName) else {
      throw RPCError(.notFound, "there is no service \(serviceName)")
    }
    guard let proto = service.method.first(where: { $0.name == methodName }) else {
      let names = service.method.compactMap(\.name).joined(separator: ", ")
      throw RPCError(.notFound, "\(serviceName) has no method \(methodName), but \(names)")
    }
    guard let input = pool.message(SymbolName.plain(proto.inputType)),
      let output = pool.message(SymbolName.plain(proto.outputType))
    else { throw RPCError(.internal, "the server does not tell the messages of \(method)") }
    let descriptor = MethodDescriptor(
      service: serviceName,
      name: methodName,
      kind: MethodKind(proto),
      access: .public
    )
    return Method(descriptor: descriptor, input: input, output: output, pool: pool)
  }

  /// The requests in wire format.
  private func requests(of method: Method) throws -> [[UInt8]] {
    let text = json == "-" ? [UInt8](FileHandle.standardInput.readDataToEndOfFile()) : Array(json.utf8)
    do {
      let values = try JSONSequence.split(text)
      if method.descriptor.kind.hasSingleRequest, values.count != 1 {
        throw ValidationError("\(self.method) takes one request, not \(values.count).")
      }
      return try values.map { try method.pool.serializedBytes(json: $0, as: method.input) }
    } catch let error as JSONDecodingError {
      throw ValidationError("the request is no \(method.input.fullName): \(error)")
    }
  }
}

extension MethodKind {
  init(_ proto: GoogleProtobuf.MethodDescriptorProto) {
    switch (proto.clientStreaming ?? false, proto.serverStreaming ?? false) {
    case (false, false): self = .unary
    case (true, false): self = .clientStreaming
    case (false, true): self = .serverStreaming
    case (true, true): self = .bidirectional
    }
  }
}

/// Names as descriptors write them.
enum SymbolName {
  /// Without the point that marks a full name.
  static func plain(_ name: String?) -> String {
    guard let name else { return "" }
    return name.hasPrefix(".") ? String(name.dropFirst()) : name
  }
}
