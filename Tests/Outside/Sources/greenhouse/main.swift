import Foundation
import HTTP2
import RPC

// Serves on a free port of this machine, and says which, until it is ended.
let server = Server(router: try Router(services: [Greenhouse()]))
let address = try await server.start(host: "127.0.0.1", port: 0)
// Not by `print`, which keeps what it has while nobody watches a terminal.
FileHandle.standardOutput.write(Data("listening on \(address)\n".utf8))
try await Task.sleep(for: .seconds(600))
await server.shutdown(grace: .seconds(1))
