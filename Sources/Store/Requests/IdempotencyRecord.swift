import Protobuf
import RPC

/// What is kept of a call with a request id, without expiry.
public enum Retention: Sendable {
  /// The request and the reply as they are.
  case plain
  /// Both sealed: for requests or replies that hold passwords, codes or tokens.
  case sealed
}

/// The record that makes a call with the same request id happen once.
struct IdempotencyRecord: Sendable {
  let identity: RequestIdentity
  let retention: Retention
  /// In its deterministic wire form.
  let request: [UInt8]
  let keys: KeyRing

  /// The reply of the earlier call with this id, or nil when there was none.
  ///
  /// - Throws: FAILED_PRECONDITION with reason IDEMPOTENCY_MISMATCH when that call had another request. It is not
  ///   INVALID_ARGUMENT, as the request is sound and only what happened before stands against it, and not
  ///   ALREADY_EXISTS, which a client that repeats a creation may take for its own success.
  func earlierReply<Request: Message, Reply: Message>(
    to request: Request, _ transaction: WriteTransaction
  ) throws -> Reply? {
    let found = try transaction.record(of: identity)
    guard let found else { return nil }
    let earlier = try reveal(found.request, found.isSealed, "request")
    // The same message may have come in other bytes, as after a change of the encoding.
    guard earlier != self.request, let field = try request.firstDifference(from: Request(serializedBytes: earlier))
    else {
      return try Reply(serializedBytes: reveal(found.reply, found.isSealed, "reply"))
    }
    throw RPCError.failedPrecondition(
      reason: "IDEMPOTENCY_MISMATCH",
      message: "request_id was used before with another request: \(field) differs",
      metadata: ["field": field, "request_id": identity.requestId])
  }

  func insert(reply: [UInt8], at: Timestamp, _ transaction: WriteTransaction) throws {
    let stored = StoredRequest(
      isSealed: retention == .sealed, request: try conceal(request, "request"), reply: try conceal(reply, "reply"),
      at: at)
    try transaction.append(stored, of: identity)
  }

  // The contexts are those of the first records, which were in a table of that name: they still open.
  private func conceal(_ bytes: [UInt8], _ column: String) throws -> [UInt8] {
    switch retention {
    case .plain: bytes
    case .sealed: try keys.seal(bytes, context: "store_idempotency.\(column)")
    }
  }

  private func reveal(_ bytes: [UInt8], _ isSealed: Bool, _ column: String) throws -> [UInt8] {
    isSealed ? try keys.open(bytes, context: "store_idempotency.\(column)") : bytes
  }
}
