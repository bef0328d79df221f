import HTTP2
import Logging
import RPC

/// The same calls in process and over a socket.
enum Transport: String, CaseIterable, Sendable { case inProcess, socket }

/// Runs `body` against a `TestService`.
func withService(
  _ transport: Transport,
  limits: Limits = Limits(),
  _ body: (any RPC.Channel, TestService.Observations) async throws -> Void
) async throws {
  let observed = TestService.Observations()
  let router = try Router(services: [TestService(observed: observed)])
  switch transport {
  case .inProcess:
    let context = ServerContext(
      logger: quiet,
      maxRequestBytes: limits.maxRequestBytes,
      responseHighWaterBytes: limits.responseHighWaterBytes,
      maxRunningHandlers: limits.maxRunningHandlers
    )
    try await body(InProcessChannel(router: router, context: context), observed)
  case .socket:
    let server = Server(router: router, limits: limits, logger: quiet, eventLoops: 1)
    let address = try await server.start(port: 0)
    let channel = HTTP2Channel(host: address.host, port: address.port)
    let result: Result<Void, any Error>
    do { result = .success(try await body(channel, observed)) } catch { result = .failure(error) }
    await channel.close()
    await server.shutdown(grace: .zero)
    try result.get()
  }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Waits until `condition` holds, two seconds at most.
func eventually(_ condition: () -> Bool) async -> Bool {
  for _ in 0..<400 {
    if condition() { return true }
    try? await Task.sleep(for: .milliseconds(5))
  }
  return condition()
}

/// The error that `body` throws, if it is one of a call.
func failure<T>(_ body: () async throws -> T) async -> RPCError? {
  do {
    _ = try await body()
    return nil
  } catch {
    return error as? RPCError
  }
}
