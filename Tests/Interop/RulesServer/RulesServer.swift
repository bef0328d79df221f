import Glibc
import GoldenContracts
import HTTP2
import Protobuf
import RPC
import Synchronization

/// Serves methods of every kind whose requests have rules, and counts what their handlers see of them.
@main
struct RulesServer {
  static func main() async throws {
    let server = Server(router: try Router(services: [Names()]))
    print("listening on \(try await server.start(host: "127.0.0.1", port: 0))")
    fflush(nil)  // whoever reads it through a file or a pipe waits for this line
    while !Task.isCancelled { try await Task.sleep(for: .seconds(3_600)) }
  }
}

/// What a method answers with is the number of messages that handlers have seen since the last `Count`.
private final class Names: Service {
  typealias Count = GoogleProtobuf.Int64Value

  static let give = method("Give", .unary)
  static let follow = method("Follow", .serverStreaming)
  static let gather = method("Gather", .clientStreaming)
  static let exchange = method("Exchange", .bidirectional)
  static let count = method("Count", .unary)
  static let descriptor = ServiceDescriptor(name: "golden.Names", methods: [give, follow, gather, exchange, count])

  private let seen = Atomic<Int64>(0)

  var methods: [ServiceMethod] {
    [
      .unary(Names.give) { (_: GoldenRules.Presence, _) in self.see() },
      .serverStreaming(Names.follow) { (_: GoldenRules.Presence, counts: ResponseStream<Count>, _) in
        try await counts.send(self.see())
      },
      .clientStreaming(Names.gather) { (requests: RequestStream<GoldenRules.Named>, _) in
        var last = Count()
        for try await _ in requests { last = self.see() }
        return last
      },
      .bidirectional(Names.exchange) {
        (requests: RequestStream<GoldenRules.Named>, counts: ResponseStream<Count>, _) in
        for try await _ in requests { try await counts.send(self.see()) }
      },
      .unary(Names.count) { (_: GoogleProtobuf.Empty, _) in
        Count(value: self.seen.exchange(0, ordering: .relaxed))
      },
    ]
  }

  private func see() -> Count { Count(value: seen.add(1, ordering: .relaxed).newValue) }

  private static func method(_ name: String, _ kind: MethodKind) -> MethodDescriptor {
    MethodDescriptor(service: "golden.Names", name: name, kind: kind, access: .public)
  }
}
