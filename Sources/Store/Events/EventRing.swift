/// The latest events, in memory, bounded in count and in payload bytes. A value: `EventLog` guards it.
struct EventRing {
  private var slots: [StoredEvent?]
  private let byteLimit: Int
  private var byteCount = 0
  /// The sequence number of the oldest event held; `head + 1` when there is none.
  private(set) var oldest: Int64
  /// The sequence number of the last committed event.
  private(set) var head: Int64

  init(count: Int, bytes: Int, head: Int64) {
    slots = Array(repeating: nil, count: max(1, count))
    byteLimit = bytes
    self.head = head
    oldest = head + 1
  }

  /// Adds an event; the oldest ones make room. After a gap, which another process's writes would leave, only what
  /// follows it is kept, and watchers read the rest from the table.
  mutating func append(_ event: StoredEvent) {
    if event.sequence != head + 1 {
      for index in slots.indices { slots[index] = nil }
      byteCount = 0
      oldest = event.sequence
    }
    head = event.sequence
    byteCount += event.payload.count
    if head - oldest >= Int64(slots.count) { dropOldest() }
    slots[index(head)] = event
    while byteCount > byteLimit, oldest < head { dropOldest() }
  }

  /// The event with this sequence number, if it is still held.
  subscript(sequence: Int64) -> StoredEvent? {
    sequence >= oldest && sequence <= head ? slots[index(sequence)] : nil
  }

  private mutating func dropOldest() {
    byteCount -= slots[index(oldest)]?.payload.count ?? 0
    slots[index(oldest)] = nil
    oldest += 1
  }

  private func index(_ sequence: Int64) -> Int {
    Int(sequence % Int64(slots.count))
  }
}
