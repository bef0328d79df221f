import CNghttp2

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The memory of one session of nghttp2, which allocates and frees some ten small blocks for each stream: freed blocks are
/// kept by their size, and given out again.
///
/// Belongs to the session's loop, as all calls of nghttp2 do, and outlives the session. Each block has a header in front
/// of it, which says how large it is.
final class SessionMemory {
  /// Blocks are kept in classes of multiples of this.
  private static let stepBytes = 32
  private static let classCount = 32
  /// As much as `malloc` aligns blocks to, so that what follows it is aligned as well.
  private static let headerBytes = 16
  /// Freed blocks beyond this go back to the system, so that an idle connection does not keep what a busy one needed.
  private static let maxKeptBytes = 64 << 10

  private struct State {
    /// The first free block of each class; each points to the next.
    var free: InlineArray<32, UnsafeMutableRawPointer?> = .init(repeating: nil)
    var keptBytes = 0
  }

  private let state: UnsafeMutablePointer<State>

  init() {
    state = .allocate(capacity: 1)
    state.initialize(to: State())
  }

  deinit {
    for index in 0..<SessionMemory.classCount {
      while let block = state.pointee.free[index] {
        state.pointee.free[index] = block.load(as: UnsafeMutableRawPointer?.self)
        Glibc.free(block - SessionMemory.headerBytes)
      }
    }
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// For `nghttp2_session_server_new3` and its like, which copy it.
  var functions: nghttp2_mem {
    nghttp2_mem(
      mem_user_data: UnsafeMutableRawPointer(state),
      malloc: { size, state in SessionMemory.allocate(size, state) },
      free: { block, state in SessionMemory.free(block, state) },
      calloc: { count, size, state in
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, let block = SessionMemory.allocate(bytes, state) else { return nil }
        memset(block, 0, bytes)
        return block
      },
      realloc: { block, size, state in SessionMemory.reallocate(block, size, state) }
    )
  }

  // MARK: -

  @inline(__always)
  private static func allocate(_ size: Int, _ state: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let state = state?.assumingMemoryBound(to: State.self), size >= 0 else { return nil }
    let index = max(0, size - 1) / stepBytes
    guard index < classCount else { return systemBlock(capacity: size) }
    let capacity = (index + 1) * stepBytes
    guard let block = state.pointee.free[index] else { return systemBlock(capacity: capacity) }
    state.pointee.free[index] = block.load(as: UnsafeMutableRawPointer?.self)
    state.pointee.keptBytes -= capacity
    return block
  }

  private static func systemBlock(capacity: Int) -> UnsafeMutableRawPointer? {
    let (bytes, overflow) = capacity.addingReportingOverflow(headerBytes)
    guard !overflow, let start = malloc(bytes) else { return nil }
    start.storeBytes(of: capacity, as: Int.self)
    return start + headerBytes
  }

  private static func capacity(of block: UnsafeMutableRawPointer) -> Int { (block - headerBytes).load(as: Int.self) }

  @inline(__always)
  private static func free(_ block: UnsafeMutableRawPointer?, _ state: UnsafeMutableRawPointer?) {
    guard let block, let state = state?.assumingMemoryBound(to: State.self) else { return }
    let capacity = capacity(of: block)
    let index = capacity / stepBytes - 1
    guard index < classCount, capacity % stepBytes == 0, state.pointee.keptBytes + capacity <= maxKeptBytes else {
      return Glibc.free(block - headerBytes)
    }
    block.storeBytes(of: state.pointee.free[index], as: UnsafeMutableRawPointer?.self)
    state.pointee.free[index] = block
    state.pointee.keptBytes += capacity
  }

  private static func reallocate(
    _ block: UnsafeMutableRawPointer?,
    _ size: Int,
    _ state: UnsafeMutableRawPointer?
  ) -> UnsafeMutableRawPointer? {
    guard let block else { return allocate(size, state) }
    let capacity = capacity(of: block)
    if size <= capacity { return block }
    guard let larger = allocate(size, state) else { return nil }
    larger.copyMemory(from: block, byteCount: capacity)
    free(block, state)
    return larger
  }
}
