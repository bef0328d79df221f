import Identity
import Protobuf
import RPC
import Store

/// A request that changes one resource, at the revision that the caller read.
public protocol ChangeRequest: Message {
  var name: String { get }
  /// The etag last read; empty asks for no check.
  var etag: String { get }
  var requestId: String { get }
}

extension Work {
  /// Changes the resource that a request names, once for its request id, and replies with what `body` gives.
  ///
  /// - Throws: what `body` throws, and then nothing is changed; NOT_FOUND when there is none for the caller; ABORTED
  ///   when it has changed since the caller read it; and as `perform` does.
  public func change<Table: ResourceTable, Request: ChangeRequest, Reply: Message>(
    _ table: Table.Type, _ request: Request, _ call: Call, reply: Reply.Type,
    _ body: @escaping @Sendable (inout Change<Table>) throws -> Reply
  ) async throws -> Reply {
    let principal = try call.caller()
    return try await perform(request, requestId: request.requestId, call) { unit in
      var change = try Change<Table>(request.name, etag: request.etag, for: principal, in: unit)
      return try body(&change)
    }
  }

  /// The same, and replies with the resource as it is then.
  public func change<Table: ResourceTable>(
    _ table: Table.Type, _ request: some ChangeRequest, _ call: Call,
    _ body: @escaping @Sendable (inout Change<Table>) throws -> Void
  ) async throws -> Table.Body {
    try await change(table, request, call, reply: Table.Body.self) { change in
      try body(&change)
      return change.body
    }
  }
}
