import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A reason for which a program does not start, in words for its operator: what is wrong, with which path or address, and
/// what to do.
public struct StartError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }

  /// The system refused an action.
  ///
  /// - Parameters:
  ///   - action: The action and its object, such as "read /etc/millrace/server.pem".
  ///   - code: The system's error number, errno.
  ///   - advice: What to do. Without it, the advice that fits the error number for a file.
  public init(cannot action: String, errno code: Int32, advice: String? = nil) {
    let reason = String(cString: strerror(code))
    let advice = (advice ?? Self.advice[code]).map { "; \($0)" } ?? ""
    self.init("cannot \(action): \(reason.prefix(1).lowercased())\(reason.dropFirst())\(advice)")
  }

  /// An action failed with an error of Foundation.
  public init(cannot action: String, _ error: any Error) {
    let system = (error as? CocoaError)?.underlying ?? error
    if let code = (system as? POSIXError)?.code {
      self.init(cannot: action, errno: code.rawValue)
    } else {
      self.init("cannot \(action)")
    }
  }

  private static let advice: [Int32: String] = [
    ENOENT: "check the path",
    EEXIST: "move away what is there, or choose another path",
    ENOTDIR: "a part of the path is a file; choose another path",
    EISDIR: "name a file",
    ENAMETOOLONG: "choose a shorter path",
    ELOOP: "symbolic links on the path lead to each other",
    EACCES: "give the user that runs the program access to it",
    EPERM: "give the user that runs the program access to it",
    EROFS: "choose a place that can be written, or mount it for writing",
    ENOSPC: "free some space",
    EDQUOT: "free some space, or raise the quota",
    EMFILE: "raise the limit of open files, see ulimit -n",
    ENFILE: "raise the system's limit of open files",
  ]
}
