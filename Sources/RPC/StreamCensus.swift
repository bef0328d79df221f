import Synchronization

/// Counts the calls of streaming methods that each address holds open. Such a call may stay open for as long as its client
/// likes and costs memory all the while, though its handler mostly waits.
final class StreamCensus: Sendable {
  /// The streams of one address, on all its connections.
  final class Entry: Sendable {
    fileprivate let streams = Atomic<Int>(0)
    fileprivate let unauthenticatedStreams = Atomic<Int>(0)
  }

  /// A stream that is counted.
  struct Place {
    fileprivate let entry: Entry
    fileprivate let isAuthenticated: Bool
  }

  private struct Connections {
    let entry = Entry()
    var count = 0
  }

  private let maxStreams: Int
  private let maxUnauthenticatedStreams: Int
  private let entries = Mutex<[String: Connections]>([:])

  init(maxStreams: Int, maxUnauthenticatedStreams: Int) {
    self.maxStreams = maxStreams
    self.maxUnauthenticatedStreams = maxUnauthenticatedStreams
  }

  // MARK: Connections

  /// The entry of an address, for a connection that begins.
  func enter(_ origin: String) -> Entry {
    entries.withLock { entries in
      entries[origin, default: Connections()].count += 1
      return entries[origin, default: Connections()].entry
    }
  }

  /// A connection of the address has ended.
  func leave(_ origin: String) {
    entries.withLock { entries in
      guard var connections = entries[origin] else { return }
      connections.count -= 1
      entries[origin] = connections.count > 0 ? connections : nil
    }
  }

  // MARK: Streams

  /// Counts a stream that opens.
  ///
  /// - Throws: RESOURCE_EXHAUSTED, and the stream is not counted, when the address holds as many as it may.
  func open(_ entry: Entry, isAuthenticated: Bool) throws(RPCError) -> Place {
    try add(to: entry.streams, limit: maxStreams, "streams")
    guard !isAuthenticated else { return Place(entry: entry, isAuthenticated: true) }
    do throws(RPCError) {
      try add(to: entry.unauthenticatedStreams, limit: maxUnauthenticatedStreams, "streams without authentication")
    } catch {
      entry.streams.wrappingSubtract(1, ordering: .relaxed)
      throw error
    }
    return Place(entry: entry, isAuthenticated: false)
  }

  /// A stream is over.
  func close(_ place: Place) {
    place.entry.streams.wrappingSubtract(1, ordering: .relaxed)
    if !place.isAuthenticated { place.entry.unauthenticatedStreams.wrappingSubtract(1, ordering: .relaxed) }
  }

  private func add(to count: borrowing Atomic<Int>, limit: Int, _ subject: String) throws(RPCError) {
    guard count.wrappingAdd(1, ordering: .relaxed).newValue > limit else { return }
    count.wrappingSubtract(1, ordering: .relaxed)
    throw RPCError(.resourceExhausted, "this address has \(limit) \(subject) open, which is as many as it may have")
  }
}
