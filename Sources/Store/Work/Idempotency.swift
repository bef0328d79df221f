import Crypto
import Protobuf
import RPC

/// What is kept of a call with a request id, without expiry.
public enum Retention: Sendable {
  /// The request and the reply as they are.
  case plain
  /// Both sealed, and the digest keyed: for requests or replies that hold passwords, codes or tokens.
  case sealed
}

/// The record that makes a call with the same request id happen once.
struct IdempotencyRecord: Sendable {
  let caller: String
  let method: String
  let requestId: String
  let retention: Retention
  let digest: [UInt8]
  private let request: [UInt8]
  private let keys: KeyRing

  init(caller: String, method: String, requestId: String, request: [UInt8], retention: Retention, keys: KeyRing) {
    self.caller = caller
    self.method = method
    self.requestId = requestId
    self.retention = retention
    self.request = request
    self.keys = keys
    switch retention {
    case .plain: digest = Array(SHA256.hash(data: request))
    case .sealed: digest = keys.digest(request, context: "store_idempotency.request")
    }
  }

  private struct Stored {
    let digest: [UInt8]
    let isSealed: Bool
    let request: [UInt8]
    let reply: [UInt8]
  }

  /// The reply of the earlier call with this id, or nil when there was none.
  ///
  /// - Throws: FAILED_PRECONDITION with reason IDEMPOTENCY_MISMATCH when that call had another request. It is not
  ///   INVALID_ARGUMENT, as the request is sound and only what happened before stands against it, and not
  ///   ALREADY_EXISTS, which a client that repeats a creation may take for its own success.
  func earlierReply<Request: Message, Reply: Message>(
    to request: Request, _ connection: Connection
  ) throws -> Reply? {
    let found = try connection.first(
      """
      SELECT digest, is_sealed, request, reply FROM store_idempotency
      WHERE caller = ?1 AND method = ?2 AND request_id = ?3
      """,
      caller, method, requestId
    ) { row in
      Stored(digest: try row[0], isSealed: try row[1], request: try row[2], reply: try row[3])
    }
    guard let found else { return nil }
    if found.digest == digest { return try Reply(serializedBytes: reveal(found.reply, found.isSealed, "reply")) }
    let earlier = try Request(serializedBytes: reveal(found.request, found.isSealed, "request"))
    // The same message in other bytes, as after a change of the encoding or of the record's retention.
    guard let field = request.firstDifference(from: earlier) else {
      return try Reply(serializedBytes: reveal(found.reply, found.isSealed, "reply"))
    }
    throw RPCError.failedPrecondition(
      reason: "IDEMPOTENCY_MISMATCH",
      message: "request_id was used before with another request: \(field) differs",
      metadata: ["field": field, "request_id": requestId])
  }

  func insert(reply: [UInt8], at: Timestamp, _ connection: Connection) throws {
    try connection.execute(
      """
      INSERT INTO store_idempotency (caller, method, request_id, digest, is_sealed, request, reply, at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      """,
      caller, method, requestId, digest, retention == .sealed, try conceal(request, "request"),
      try conceal(reply, "reply"), at)
  }

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
