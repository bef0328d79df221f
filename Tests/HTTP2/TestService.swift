import BenchContract
import RPC
import Synchronization

typealias Request = Bench.SmallRequest
typealias Reply = Bench.SmallReply

/// What the tests call: every kind of method, and handlers that misbehave on request.
struct TestService: Service {
  enum Methods {
    static let echo = method("Echo", .unary)
    static let collect = method("Collect", .clientStreaming)
    static let expand = method("Expand", .serverStreaming)
    static let converse = method("Converse", .bidirectional)
    static let fail = method("Fail", .unary)
    static let hang = method("Hang", .unary)
    static let flood = method("Flood", .serverStreaming)
    static let stall = method("Stall", .clientStreaming)
    static let compute = method("Compute", .unary)
    static let computeAside = method("ComputeAside", .unary, .costly)

    static func method(_ name: String, _ kind: MethodKind, _ execution: Execution = .onLoop) -> MethodDescriptor {
      MethodDescriptor(service: "test.Test", name: name, kind: kind, access: .public, execution: execution)
    }
  }

  /// What handlers tell the tests.
  final class Observations: Sendable {
    let cancelled = Atomic<Int>(0)
    let sent = Atomic<Int>(0)
    let started = Atomic<Int>(0)
  }

  /// Keeps its thread for that time.
  private static func compute(milliseconds: Int64) -> Reply {
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    while ContinuousClock.now < end {}
    return Reply(id: milliseconds)
  }

  static let descriptor = ServiceDescriptor(name: "test.Test", methods: [])
  let observed: Observations

  var methods: [ServiceMethod] {
    [
      .unary(Methods.echo) { (request: Request, call) in
        for name in ["x-text", "x-bytes-bin"] {
          if let value = call.requestMetadata[name] { call.responseMetadata[name] = value }
        }
        for bytes in call.requestMetadata.binaryValues("x-trail-bin") {
          var trailing = call.trailingMetadata
          trailing.add("x-trail-bin", binary: bytes)
          call.trailingMetadata = trailing
        }
        return Reply(name: request.name, id: request.id, state: call.deadline == nil ? 0 : 1)
      },
      .clientStreaming(Methods.collect) { (requests: RequestStream<Request>, _) in
        var reply = Reply()
        for try await request in requests {
          reply.id += request.id
          reply.state += 1
        }
        return reply
      },
      .serverStreaming(Methods.expand) { (request: Request, replies: ResponseStream<Reply>, _) in
        for id in 0..<request.id { try await replies.send(Reply(name: request.name, id: id)) }
      },
      .bidirectional(Methods.converse) { (requests: RequestStream<Request>, replies: ResponseStream<Reply>, _) in
        for try await request in requests { try await replies.send(Reply(name: request.name, id: request.id)) }
      },
      .unary(Methods.fail) { (request: Request, _) -> Reply in
        struct Secret: Error {}
        if request.name == "unexpected" { throw Secret() }
        throw RPCError.failedPrecondition(
          reason: "TOO_EARLY",
          message: "noch nicht: é",
          metadata: ["opens": "tomorrow"],
          subject: "things/1"
        )
      },
      .unary(Methods.hang) { (_: Request, _) -> Reply in
        observed.started.add(1, ordering: .sequentiallyConsistent)
        do {
          try await Task.sleep(for: .seconds(60))
        } catch {
          observed.cancelled.add(1, ordering: .sequentiallyConsistent)
          throw error
        }
        return Reply()
      },
      .serverStreaming(Methods.flood) { (_: Request, replies: ResponseStream<Reply>, _) in
        let reply = Reply(name: String(repeating: "x", count: 10_000))
        do {
          while true {
            try await replies.send(reply)
            observed.sent.add(1, ordering: .sequentiallyConsistent)
          }
        } catch {
          observed.cancelled.add(1, ordering: .sequentiallyConsistent)
          throw error
        }
      },
      .unary(Methods.compute) { (request: Request, _) -> Reply in
        observed.started.add(1, ordering: .sequentiallyConsistent)
        return TestService.compute(milliseconds: request.id)
      },
      .unary(Methods.computeAside) { (request: Request, _) -> Reply in
        observed.started.add(1, ordering: .sequentiallyConsistent)
        return TestService.compute(milliseconds: request.id)
      },
      .clientStreaming(Methods.stall) { (requests: RequestStream<Request>, _) in
        var count: Int64 = 0
        for try await request in requests {
          count += 1
          observed.started.add(1, ordering: .sequentiallyConsistent)
          if request.name == "wait" { try await Task.sleep(for: .milliseconds(300)) }
        }
        return Reply(id: count)
      },
    ]
  }
}
