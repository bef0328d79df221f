import NIOCore
import RPC

/// Runs Swift tasks on an event loop, so that a handler shares the thread of its connection.
final class LoopExecutor: CallLoop, @unchecked Sendable {
  let eventLoop: any EventLoop
  let timers: TimerWheel
  /// Only touched on the loop.
  private(set) lazy var handlers = HandlerRunner(loop: self)
  /// Only touched on the loop.
  private var jobs: [UnownedJob] = []
  private var isDraining = false
  // What connections need for a moment is the loop's: it is warm, and as much as one of them needs. Only touched on the
  // loop.
  static let pooledStreams = 512
  @exclusivity(unchecked) var streams: [ServerStream] = []
  private var output = ByteBuffer()

  init(_ eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
    timers = TimerWheel(loop: eventLoop)
  }

  var isCurrent: Bool { eventLoop.inEventLoop }

  func execute(_ work: @escaping @Sendable () -> Void) { eventLoop.execute(work) }

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

  private func schedule() {
    guard !isDraining else { return }
    isDraining = true
    eventLoop.execute { self.drain() }
  }

  /// Runs what is there now; what comes meanwhile runs after the loop has looked at its sockets.
  private func drain() {
    let count = jobs.count
    let executor = asUnownedTaskExecutor()
    var index = 0
    while index < count {
      jobs[index].runSynchronously(on: executor)
      index += 1
    }
    isDraining = false
    jobs.removeFirst(count)
    if !jobs.isEmpty { schedule() }
  }

  /// A buffer to write into, to be put back.
  func takeOutput() -> ByteBuffer {
    let taken = output
    output = ByteBuffer()
    return taken
  }

  func putBack(_ buffer: ByteBuffer) { output = buffer }
}
