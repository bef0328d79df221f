/// Where the records of the latest requests are, on the writer's thread.
///
/// Clients draw request ids at random, so an index that took in each record with its call would change a page of its own
/// for each, and such pages would be the larger part of what a call writes. The index in the database takes the records
/// in late instead, many for a page at a time; until then they are found here, and after a start they are read from the
/// end of their table.
final class RequestIndex {
  /// Parts of the range of keys. The database takes in one at a time, so that no commit has to bring it much.
  private static let sliceBits = 6

  private let limit: Int
  /// Sequence numbers by key.
  private var slices: [[Int64: Int64]] = Array(repeating: [:], count: 1 << sliceBits)
  private var count = 0
  /// The slice that the database takes in next.
  private var cursor = 0
  /// The last record.
  private var head: Int64
  /// The last record when the cursor was at the first slice: the database has all up to it when the cursor is there again.
  private var roundHead: Int64

  /// - Parameter limit: How many records may be here.
  init(limit: Int, _ connection: Connection) throws {
    self.limit = limit
    head = try RequestTable.head(connection)
    roundHead = head
    for (key, sequence) in try RequestTable.keys(after: RequestTable.indexedThrough(connection), connection) {
      if self[key] == nil {
        add(key, sequence)
      } else {
        try RequestTable.index(key: key, sequence: sequence, connection)
      }
    }
  }

  /// The record with this key that the database's index may not have. Others with the same key are in the database's.
  subscript(key: Int64) -> Int64? { slices[slice(of: key)][key] }

  /// Brings to the database's index, in a transaction, what is too much here together with `added` records. Returns the
  /// number of slices, for `commit`.
  func makeRoom(for added: Int, _ connection: Connection) throws(SQLError) -> Int {
    var rest = count
    var sliceCount = 0
    while rest > 0, rest + added > limit {
      let slice = (cursor + sliceCount) % slices.count
      for (key, sequence) in slices[slice].sorted(by: { $0.key < $1.key }) {
        try RequestTable.index(key: key, sequence: sequence, connection)
      }
      if slice == slices.count - 1 { try RequestTable.setIndexedThrough(roundHead, connection) }
      rest -= slices[slice].count
      sliceCount += 1
    }
    return sliceCount
  }

  /// Takes in what a transaction did, once it is committed.
  ///
  /// - Parameter newHead: The last record; nil when the transaction looked at none.
  func commit(sliceCount: Int, added: [Int64: Int64], head newHead: Int64?) {
    for _ in 0..<sliceCount {
      count -= slices[cursor].count
      slices[cursor].removeAll(keepingCapacity: true)
      cursor = (cursor + 1) % slices.count
      if cursor == 0 { roundHead = head }
    }
    for (key, sequence) in added { add(key, sequence) }
    if let newHead { head = newHead }
  }

  private func add(_ key: Int64, _ sequence: Int64) {
    slices[slice(of: key)][key] = sequence
    count += 1
  }

  private func slice(of key: Int64) -> Int { Int(UInt64(bitPattern: key) >> UInt64(64 - Self.sliceBits)) }
}
