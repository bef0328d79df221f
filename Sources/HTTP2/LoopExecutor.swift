import NIOCore
import RPC

/// Runs Swift tasks on an event loop, so that a handler shares the thread of its connection.
final class LoopExecutor: CallLoop, @unchecked Sendable {
  let eventLoop: any EventLoop
  let timers: TimerWheel
  /// Only touched on the loop.
  private(set) lazy var handlers = HandlerRunner(loop: self, turnNanoseconds: turnNanoseconds)
  private let turnNanoseconds: UInt64
  /// Work that yields to the sockets goes on after this time.
  private static let yieldTime = TimeAmount.microseconds(50)
  /// Only touched on the loop.
  private var jobs: [UnownedJob] = []
  private var isDraining = false
  /// The connections of the loop write into it one after the other: it is warm, and as large as one of them needs. Only
  /// touched on the loop.
  private var output = ByteBuffer()

  init(_ eventLoop: any EventLoop, handlerTurnMilliseconds: Int = Limits().handlerTurnMilliseconds) {
    self.eventLoop = eventLoop
    turnNanoseconds = Limits.nanoseconds(milliseconds: handlerTurnMilliseconds)
    timers = TimerWheel(loop: eventLoop)
  }

  var isCurrent: Bool { eventLoop.inEventLoop }

  func execute(_ work: @escaping @Sendable () -> Void) { eventLoop.execute(work) }

  func yield(_ work: @escaping @Sendable () -> Void) {
    // The loop looks at its sockets when it has nothing left to run at once. So the time begins when what waits to run now,
    // such as the writing of responses, has run.
    execute { self.eventLoop.scheduleTask(in: LoopExecutor.yieldTime, work) }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    guard eventLoop.inEventLoop else {
      eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
      return
    }
    if handlers.takes(job) { return }
    jobs.append(job)
    schedule()
  }

  private func schedule(yields: Bool = false) {
    guard !isDraining else { return }
    isDraining = true
    if yields { yield { self.drain() } } else { execute { self.drain() } }
  }

  /// Runs what is there now; what comes meanwhile, and what is left when the time for handlers is over, runs after the
  /// loop has looked at its sockets.
  private func drain() {
    let count = jobs.count
    let executor = asUnownedTaskExecutor()
    let end = Deadline.nowNanoseconds().addingClamped(turnNanoseconds)
    var index = 0
    repeat {
      jobs[index].runSynchronously(on: executor)
      index += 1
    } while index < count && Deadline.nowNanoseconds() < end
    isDraining = false
    jobs.removeFirst(index)
    if !jobs.isEmpty { schedule(yields: index < count) }
  }

  /// A buffer to write into, to be put back.
  func takeOutput() -> ByteBuffer {
    let taken = output
    output = ByteBuffer()
    return taken
  }

  func putBack(_ buffer: ByteBuffer) { output = buffer }
}
