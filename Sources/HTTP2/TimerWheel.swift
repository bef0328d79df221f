import NIOCore
import RPC

/// Something that may happen at a point in time. Belongs to one loop.
final class TimerEntry {
  /// Called on the loop; the entry is free by then.
  var onExpiry: (() -> Void)?
  fileprivate(set) var deadline: UInt64 = .max
  fileprivate unowned(unsafe) var previous: TimerEntry?
  fileprivate var next: TimerEntry?
  fileprivate var slot = -1

  var isScheduled: Bool { slot >= 0 }
}

/// The timers of a loop: O(1) to set and to cancel, no task and no allocation a timer, a few milliseconds late at most.
///
/// A slot holds the entries of one tick, modulo the number of slots; an entry that lies further ahead than one turn of
/// the wheel is passed over until its time has come.
final class TimerWheel {
  private static let slotCount = 2_048
  private static let tick: UInt64 = 4_000_000
  /// Behind the slots of the ticks, the one whose entries are about to be told: they can still be cancelled.
  private static let dueSlot = slotCount
  private var slots = [TimerEntry?](repeating: nil, count: slotCount + 1)
  private var position: UInt64
  private var count = 0
  private var isRunning = false
  private let loop: any EventLoop

  init(loop: any EventLoop) {
    self.loop = loop
    position = Deadline.nowNanoseconds() / TimerWheel.tick
  }

  /// Sets an entry, whether it is set or not. `deadline` in nanoseconds of monotonic time.
  func schedule(_ entry: TimerEntry, at deadline: UInt64) {
    cancel(entry)
    if count == 0 { position = Deadline.nowNanoseconds() / TimerWheel.tick }
    entry.deadline = deadline
    // One tick later than the tick the deadline lies in, so that it has passed when the slot is looked at.
    let slot = Int(max(deadline / TimerWheel.tick &+ 1, position + 1) % UInt64(TimerWheel.slotCount))
    insert(entry, slot)
    run()
  }

  private func insert(_ entry: TimerEntry, _ slot: Int) {
    entry.slot = slot
    entry.previous = nil
    entry.next = slots[slot]
    slots[slot]?.previous = entry
    slots[slot] = entry
    count += 1
  }

  func cancel(_ entry: TimerEntry) {
    guard entry.slot >= 0 else { return }
    if let previous = entry.previous { previous.next = entry.next } else { slots[entry.slot] = entry.next }
    entry.next?.previous = entry.previous
    entry.previous = nil
    entry.next = nil
    entry.slot = -1
    count -= 1
  }

  private func run() {
    guard !isRunning else { return }
    isRunning = true
    nonisolated(unsafe) let wheel = self
    loop.scheduleTask(in: .nanoseconds(Int64(TimerWheel.tick))) { wheel.advance() }
  }

  private func advance() {
    isRunning = false
    let now = Deadline.nowNanoseconds()
    let target = now / TimerWheel.tick
    var steps = 0
    while position < target, steps < TimerWheel.slotCount {
      position += 1
      steps += 1
      collect(slot: Int(position % UInt64(TimerWheel.slotCount)), now: now)
    }
    position = max(position, target)
    // What one entry does may cancel another, or free whoever waits for it.
    while let entry = slots[TimerWheel.dueSlot] {
      cancel(entry)
      entry.onExpiry?()
    }
    if count > 0 { run() }
  }

  private func collect(slot: Int, now: UInt64) {
    var entry = slots[slot]
    while let current = entry {
      entry = current.next
      if current.deadline <= now {
        cancel(current)
        insert(current, TimerWheel.dueSlot)
      }
    }
  }
}
