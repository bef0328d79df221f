import ArgumentParser
import Logging
import Store

/// `millrace verify`: whether the audit log is whole.
struct Verify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Follows the audit log's hash chain from its first entry; fails when an entry was changed or removed.")

  @Option(help: "The data folder.")
  var data = "var/millrace"

  func run() async throws {
    let logger = Logger(label: "millrace", factory: { StreamLogHandler.standardError(label: $0) })
    let store = try Store(path: data, makesMissing: false, logger: logger)
    defer { store.close() }
    switch try await store.verifyAuditChain() {
    case .intact(let head):
      say("The audit log is whole: \(head.sequence) entries.")
    case .broken(let sequence, let reason):
      say("The audit log is broken at entry \(sequence): \(reason).")
      throw ExitCode.failure
    }
  }
}
