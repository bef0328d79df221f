import Foundation
import HTTP2
import RPC

// `greenhouse` serves on a free port of this machine, and says which, until it is ended; `greenhouse call PORT` calls it.
let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "call", let port = arguments.last.flatMap({ Int($0) }) {
  try await Visit(port: port).run()
} else {
  let server = Server(router: try Router(services: [Greenhouse()]))
  let address = try await server.start(host: "127.0.0.1", port: 0)
  // Not by `print`, which keeps what it has while nobody watches a terminal.
  FileHandle.standardOutput.write(Data("listening on \(address)\n".utf8))
  try await Task.sleep(for: .seconds(600))
  await server.shutdown(grace: .seconds(1))
}
