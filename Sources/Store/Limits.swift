/// Every limit of the store, with its unit last in its name.
public struct StoreLimits: Sendable, Encodable {
  /// Pieces of work that may wait for the writer; one more is refused with RESOURCE_EXHAUSTED.
  public var writerQueueCount = 16_384
  /// Pieces of work that share one commit at most.
  public var writerBatchCount = 1_024
  /// How long the writer waits for a lock that another process holds, before the batch fails as UNAVAILABLE.
  public var busyTimeoutMilliseconds = 1_000
  /// What RetryInfo tells a caller to wait after a full disk, a lock, an I/O error or a full queue.
  public var retryAfterMilliseconds = 1_000
  /// Threads that run scans and reports.
  public var scanThreadCount = 2
  /// Scans that may wait for a thread; one more is refused with RESOURCE_EXHAUSTED.
  public var scanQueueCount = 4_096
  /// Read connections kept open for point reads between two calls.
  public var idleReadConnectionCount = 16
  /// Prepared statements kept by one connection.
  public var cachedStatementCount = 512
  /// Page cache of the writer's connection.
  public var writerCacheKibibytes = 8_192
  /// Page cache of each read connection.
  public var readerCacheKibibytes = 8_192
  /// Pages in the write-ahead log after which a commit moves them to the database file.
  public var checkpointPageCount = 16_000
  /// Size to which the write-ahead log is cut back after a checkpoint.
  public var logSizeBytes: Int64 = 128 * 1_024 * 1_024
  /// Size of the database file, in pages of 4 KiB; 0 leaves SQLite's own limit.
  public var databasePageCount: Int64 = 0
  /// Latest events that every watcher reads from memory.
  public var eventRingCount = 2_048
  /// Payload bytes that those events may hold together.
  public var eventRingBytes = 16 * 1_024 * 1_024
  /// Sequence numbers that one page of a replay covers.
  public var replayPageCount: Int64 = 1_024
  /// Events that a watcher takes from the ring at a time.
  public var watchBatchCount = 128
  /// Length of a request id.
  public var requestIdBytes = 128
  /// Records of requests that are kept in memory until the index in the database takes them in; a start reads as many.
  public var unindexedRequestCount = 16_384
  /// Handlers of an event that emit events, one inside another.
  public var eventHandlerDepth = 16
  /// Items on a page when the request does not say.
  public var defaultPageSize = 50
  /// Items on a page at most; a larger request gets this many.
  public var maximumPageSize = 500
  /// Length of a page token.
  public var pageTokenBytes = 2_048

  /// The defaults above.
  public init() {}
}
