import FoundationEssentials
import NIOCore

/// The processors that this process may use. More loops than these would only take turns.
enum ProcessorCount {
  /// Those of the machine, less what its control group, which NIO heeds, and its affinity mask, as `taskset` sets it,
  /// leave out.
  static var usable: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    return max(1, min(System.coreCount, inAffinityMask(status: status) ?? .max))
  }

  /// The bits of the mask in `/proc/self/status` (proc(5)); nil where there is none.
  static func inAffinityMask(status: String) -> Int? {
    let name = "Cpus_allowed:"
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
    return line.dropFirst(name.count).reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
  }
}
