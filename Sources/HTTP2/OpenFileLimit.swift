import RPC

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The process's limit of open files, which sockets count against.
public enum OpenFileLimit {
  /// Files that a program opens beside its event loops, before its first connection.
  static let baseFileCount = 48
  /// Files that each event loop opens.
  static let filesPerEventLoop = 4

  /// Refuses a limit that does not even let the event loops start.
  ///
  /// - Throws: `StartError`.
  public static func check() throws(StartError) {
    var limit = rlimit()
    #if canImport(Glibc)
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    let least = baseFileCount + filesPerEventLoop * ProcessorCount.usable
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(least) else { return }
    throw StartError(
      "the process may open \(limit.rlim_cur) files, but needs at least \(least); raise the limit, see ulimit -n")
  }
}
