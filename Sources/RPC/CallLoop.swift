/// Where a call lives: one thread at a time, on which its transport works and its handler runs.
public protocol CallLoop: TaskExecutor {
  /// Whether the caller runs on this loop.
  var isCurrent: Bool { get }
  /// Runs the handlers of the loop's calls.
  var handlers: HandlerRunner { get }
  /// Runs `work` on the loop, later.
  func execute(_ work: @escaping @Sendable () -> Void)
  /// Runs `work` on the loop once that has looked after everything else that waits, such as its sockets.
  func yield(_ work: @escaping @Sendable () -> Void)
}
