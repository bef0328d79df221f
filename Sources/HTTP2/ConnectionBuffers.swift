import Synchronization

/// The bytes that a connection holds for its peer, beside the connection's limits and as a part of the server's budget.
/// Belongs to the connection's loop, but for what it has reported.
final class ConnectionBuffers: Sendable {
  /// The budget hears of changes in steps of this, so that calls with small messages never touch what all connections share.
  private static let stepBytes = 8 << 10

  private let maxRequestBytes: Int
  private let maxResponseBytes: Int
  private let budget: BufferBudget
  private let reported = Atomic<Int>(0)
  // No change of one comes back to it: the checks for that are left out of the hot path.
  @exclusivity(unchecked) private nonisolated(unsafe) var requestBytes = 0
  @exclusivity(unchecked) private nonisolated(unsafe) var responseBytes = 0
  @exclusivity(unchecked) private nonisolated(unsafe) var unwrittenBytes = 0
  @exclusivity(unchecked) private nonisolated(unsafe) var heldBytes = 0
  @exclusivity(unchecked) private nonisolated(unsafe) var knownBytes = 0
  /// Whether more response bytes wait to be sent than may, until half of that is left.
  @exclusivity(unchecked) private(set) nonisolated(unsafe) var isCongested = false

  init(limits: Limits, budget: BufferBudget) {
    maxRequestBytes = limits.maxBufferedRequestBytesPerConnection
    maxResponseBytes = limits.maxQueuedResponseBytesPerConnection
    self.budget = budget
  }

  /// The bytes that the connection holds, give or take a step. May be read from any thread.
  var reportedBytes: Int { reported.load(ordering: .relaxed) }

  // MARK: Requests

  /// Body bytes came in that no handler has taken yet. False when they are more than may be.
  func receive(_ byteCount: Int) -> Bool {
    requestBytes &+= byteCount
    hold(byteCount)
    return requestBytes <= maxRequestBytes
  }

  /// A handler has taken body bytes, or nobody will.
  func take(_ byteCount: Int) {
    requestBytes &-= byteCount
    hold(-byteCount)
  }

  // MARK: Responses

  /// Response bytes wait to be sent, of any stream. True when they congest the connection.
  func queue(_ byteCount: Int) -> Bool {
    responseBytes &+= byteCount
    hold(byteCount)
    guard responseBytes > maxResponseBytes, !isCongested else { return false }
    isCongested = true
    return true
  }

  /// Response bytes have been handed out to be written, or nobody wants them any more.
  func dequeue(_ byteCount: Int) {
    responseBytes &-= byteCount
    hold(-byteCount)
  }

  /// True when the connection was congested and is so no longer.
  func decongest() -> Bool {
    guard isCongested, responseBytes <= maxResponseBytes / 2 else { return false }
    isCongested = false
    return true
  }

  /// So many bytes were handed out, and the socket has not taken them.
  func keepUnwritten(_ byteCount: Int) {
    guard byteCount != unwrittenBytes else { return }
    hold(byteCount - unwrittenBytes)
    unwrittenBytes = byteCount
  }

  // MARK: The budget

  /// The connection is over, and holds nothing any more.
  func releaseAll() {
    heldBytes = 0
    report()
  }

  @inline(__always)
  private func hold(_ byteCount: Int) {
    heldBytes &+= byteCount
    if (heldBytes &- knownBytes).magnitude >= ConnectionBuffers.stepBytes { report() }
  }

  private func report() {
    let change = heldBytes - knownBytes
    knownBytes = heldBytes
    reported.store(heldBytes, ordering: .relaxed)
    budget.hold(change)
  }
}
