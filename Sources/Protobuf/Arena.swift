import CProtobufC

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Memory for one decoding or encoding: a bump allocator that protobuf-c and the generated code share.
///
/// Nothing is freed one by one. Each thread keeps an arena and its first chunk from call to call, so a small message
/// costs no `malloc` at all. Every block is 8-byte aligned and padded to whole words, which the string reader relies
/// on.
@frozen
public struct Arena: @unchecked Sendable {
  @usableFromInline let state: UnsafeMutablePointer<State>

  /// What went wrong while values were read out of the arena; looked at once, at the end.
  @frozen
  public struct Problems: OptionSet, Sendable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// A `string` field does not hold UTF-8.
    public static let invalidText = Problems(rawValue: 1)
    /// Several members of a oneof were given; only the order of the bytes tells which one counts.
    public static let crowdedOneof = Problems(rawValue: 2)
    /// A field number outside 1…536 870 911.
    public static let badFieldNumber = Problems(rawValue: 4)
  }

  @usableFromInline
  struct State {
    @usableFromInline var cursor: UnsafeMutableRawPointer
    @usableFromInline var end: UnsafeMutableRawPointer
    @usableFromInline var chunk: UnsafeMutableRawPointer
    /// Bytes handed out from chunks before the present one.
    @usableFromInline var usedBefore: Int
    @usableFromInline var budget: Int
    @usableFromInline var problems: Problems
    @usableFromInline var isExhausted: Bool
    @usableFromInline var isDeterministic: Bool
    @usableFromInline var isNormalized: Bool
    @usableFromInline var knowsShortText: Bool
    @usableFromInline var isBusy: Bool
    @usableFromInline var isPooled: Bool
    @usableFromInline var allocator: ProtobufCAllocator
  }

  @inlinable
  init(state: UnsafeMutablePointer<State>) { self.state = state }

  /// A block of at least `byteCount` bytes, not initialized.
  @inlinable @inline(__always)
  func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let size = (byteCount &+ 7) & ~7
    let start = state.pointee.cursor
    if size <= state.pointee.end - start {
      state.pointee.cursor = start + size
      return start
    }
    return allocateSlowly(size)
  }

  @usableFromInline @inline(never)
  func allocateSlowly(_ size: Int) -> UnsafeMutableRawPointer {
    addChunk(atLeast: size)
    let start = state.pointee.cursor
    state.pointee.cursor = start + size
    return start
  }

  /// Bytes handed out so far.
  @usableFromInline
  var used: Int { state.pointee.usedBefore + (state.pointee.cursor - Chunk.start(state.pointee.chunk)) }

  /// Records a problem; the decoding that owns the arena acts on it when all is read.
  @inlinable
  public func note(_ problem: Problems) { state.pointee.problems.insert(problem) }

  /// Whether map entries are to be written in the order of their keys.
  @inlinable
  public var isDeterministic: Bool { state.pointee.isDeterministic }
}

// MARK: chunks

extension Arena {
  /// A chunk begins with a header: the chunk before it and its own capacity.
  enum Chunk {
    static let headerBytes = 16
    static let firstBytes = 16 * 1024
    /// What a thread keeps between calls at most.
    static let keptBytes = 1024 * 1024

    static func make(capacity: Int, previous: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer {
      guard let chunk = malloc(headerBytes + capacity) else { preconditionFailure("out of memory") }
      chunk.storeBytes(of: UInt(bitPattern: previous), as: UInt.self)
      chunk.storeBytes(of: capacity, toByteOffset: 8, as: Int.self)
      return chunk
    }
    static func previous(_ chunk: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
      UnsafeMutableRawPointer(bitPattern: chunk.load(as: UInt.self))
    }
    static func capacity(_ chunk: UnsafeMutableRawPointer) -> Int { chunk.load(fromByteOffset: 8, as: Int.self) }
    static func start(_ chunk: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer { chunk + headerBytes }
  }

  private func addChunk(atLeast size: Int) {
    let used = self.used
    let old = state.pointee.chunk
    var capacity = Chunk.capacity(old) * 2
    while capacity < size { capacity *= 2 }
    state.pointee.usedBefore = used
    state.pointee.chunk = Chunk.make(capacity: capacity, previous: old)
    begin(in: state.pointee.chunk)
  }

  private func begin(in chunk: UnsafeMutableRawPointer) {
    state.pointee.cursor = Chunk.start(chunk)
    state.pointee.end = Chunk.start(chunk) + Chunk.capacity(chunk)
  }

  /// Frees all chunks but the newest (and largest) one, which is kept if it is of a reasonable size.
  private func trim() {
    guard let previous = Chunk.previous(state.pointee.chunk) else { return }
    var doomed: UnsafeMutableRawPointer? = previous
    while let chunk = doomed {
      doomed = Chunk.previous(chunk)
      free(chunk)
    }
    let kept = min(Chunk.capacity(state.pointee.chunk), Chunk.keptBytes)
    free(state.pointee.chunk)
    state.pointee.chunk = Chunk.make(capacity: kept, previous: nil)
    state.pointee.usedBefore = 0
    begin(in: state.pointee.chunk)
  }
}

// MARK: taking and giving back

extension Arena {
  /// The thread's arena, or a fresh one while that is in use further up the stack.
  @usableFromInline
  static func acquire() -> Arena {
    if let kept = pthread_getspecific(threadKey) {
      let arena = Arena(state: kept.assumingMemoryBound(to: State.self))
      if !arena.state.pointee.isBusy {
        arena.state.pointee.isBusy = true
        return arena
      }
      return make(isPooled: false)
    }
    let arena = make(isPooled: true)
    pthread_setspecific(threadKey, arena.state)
    return arena
  }

  @usableFromInline
  func release() {
    if state.pointee.isPooled {
      if Chunk.previous(state.pointee.chunk) != nil { trim() }
      rewind()
      state.pointee.isBusy = false
    } else {
      Arena.destroy(state)
    }
  }

  @inline(__always)
  private func rewind() {
    state.pointee.cursor = Chunk.start(state.pointee.chunk)
    state.pointee.problems = []
    state.pointee.isExhausted = false
    state.pointee.isNormalized = false
    state.pointee.isDeterministic = false
  }

  private static func make(isPooled: Bool) -> Arena {
    let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
    let chunk = Chunk.make(capacity: Chunk.firstBytes, previous: nil)
    state.initialize(
      to: State(
        cursor: Chunk.start(chunk),
        end: Chunk.start(chunk) + Chunk.firstBytes,
        chunk: chunk,
        usedBefore: 0,
        budget: .max,
        problems: [],
        isExhausted: false,
        isDeterministic: false,
        isNormalized: false,
        knowsShortText: ShortText.isKnown,
        isBusy: true,
        isPooled: isPooled,
        allocator: ProtobufCAllocator(alloc: allocateForC, free: { _, _ in }, allocator_data: state)
      )
    )
    return Arena(state: state)
  }

  private static func destroy(_ state: UnsafeMutablePointer<State>) {
    var doomed: UnsafeMutableRawPointer? = state.pointee.chunk
    while let chunk = doomed {
      doomed = Chunk.previous(chunk)
      free(chunk)
    }
    state.deinitialize(count: 1)
    state.deallocate()
  }

  private static let threadKey: pthread_key_t = {
    var key = pthread_key_t()
    let failure = pthread_key_create(&key) { value in
      // Optional or not, depending on the platform.
      let kept: UnsafeMutableRawPointer? = value
      if let kept { Arena.destroy(kept.assumingMemoryBound(to: State.self)) }
    }
    precondition(failure == 0, "no thread-specific key left for the message arena")
    return key
  }()
}

// MARK: protobuf-c's side

extension Arena {
  /// Lets the present chunk end where the budget ends, so that the fast path needs no second comparison.
  private func applyBudget() {
    let left = max(0, state.pointee.budget - used)
    let room = state.pointee.end - state.pointee.cursor
    if left < room { state.pointee.end = state.pointee.cursor + (left & ~7) }
  }

  private func liftBudget() {
    state.pointee.budget = .max
    state.pointee.end = Chunk.start(state.pointee.chunk) + Chunk.capacity(state.pointee.chunk)
  }

  fileprivate static let allocateForC: @convention(c) (UnsafeMutableRawPointer?, Int) -> UnsafeMutableRawPointer? = {
    data,
    byteCount in
    guard let data else { return nil }
    let arena = Arena(state: data.assumingMemoryBound(to: State.self))
    let state = arena.state
    let size = (byteCount &+ 7) & ~7
    let start = state.pointee.cursor
    if size <= state.pointee.end - start {
      state.pointee.cursor = start + size
      return start
    }
    return arena.allocateWithinBudget(size)
  }

  @inline(never)
  private func allocateWithinBudget(_ size: Int) -> UnsafeMutableRawPointer? {
    if size > state.pointee.budget - used {
      state.pointee.isExhausted = true
      return nil
    }
    addChunk(atLeast: size)
    let start = state.pointee.cursor
    state.pointee.cursor = start + size
    applyBudget()
    return start
  }

  /// Lets protobuf-c parse `bytes` into the arena. Nil if it cannot; `isExhausted` tells whether that is because it
  /// needs more than `budget` bytes.
  func unpack(
    _ bytes: UnsafeRawBufferPointer,
    as descriptor: MessageDescriptor,
    budget: Int
  ) -> UnsafeRawPointer? {
    let (limit, overflow) = used.addingReportingOverflow(max(0, budget))
    state.pointee.budget = overflow ? .max : limit
    state.pointee.isExhausted = false
    applyBudget()
    defer { liftBudget() }
    let message = protobuf_c_message_unpack(
      descriptor.pointer,
      &state.pointee.allocator,
      bytes.count,
      bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    )
    return UnsafeRawPointer(message)
  }
}
