import RPC

/// Who a unit of work is done for.
public struct Caller: Sendable {
  /// What the audit log names and request ids belong to: "users/0190…", "anonymous", "system/accrual".
  public let subject: String
  /// Who made the call; nil without authentication, and for the server's own work.
  public let principal: Principal?
  /// What the request ids belong to besides: the method's path.
  public let method: String
  /// When the work is no longer wanted.
  public let deadline: Deadline?
  /// Where the caller waits for the outcome; nil where that is no loop.
  let loop: (any CallLoop)?

  /// The caller of an RPC.
  public init(_ call: Call) {
    let principal = call.principal
    self.principal = principal
    subject = principal?.subject ?? "anonymous"
    method = call.method.path
    deadline = call.deadline
    loop = call.loop
  }

  /// The server itself, or a test.
  public init(subject: String, principal: Principal? = nil, method: String = "", deadline: Deadline? = nil) {
    self.subject = subject
    self.principal = principal
    self.method = method
    self.deadline = deadline
    loop = nil
  }

  func checkDeadline() throws {
    if let deadline, deadline.timeRemaining <= .zero {
      throw RPCError(.deadlineExceeded, "the deadline passed before the work began")
    }
  }
}
