import FoundationEssentials
import Logging
import NIOConcurrencyHelpers
import NIOSSL
import RPC

/// A listener's certificates, read anew when their files change: connections made from then on get the new ones.
final class ServerCertificates: Sendable {
  private struct State {
    var context: NIOSSLContext
    var dates: [Date?]
  }

  private let tls: ServerTLS
  private let logger: Logger
  private let state: NIOLockedValueBox<State>

  /// - Throws: `StartError`, which names the file at fault.
  init(_ tls: ServerTLS, logger: Logger) throws(StartError) {
    self.tls = tls
    self.logger = logger
    let dates = Self.dates(of: tls)
    state = NIOLockedValueBox(State(context: try tls.makeContext(), dates: dates))
  }

  var context: NIOSSLContext { state.withLockedValue { $0.context } }

  /// Reads the files again if one has changed. Files that cannot be used leave everything as it is, and the log says so.
  func refresh() {
    let dates = Self.dates(of: tls)
    guard state.withLockedValue({ $0.dates != dates }) else { return }
    do {
      let context = try tls.makeContext()
      state.withLockedValue { $0 = State(context: context, dates: dates) }
      logger.notice("certificates reloaded", metadata: ["certificate": "\(tls.certificateFile)"])
    } catch {
      // Said once for each change: the next look is at the same dates.
      state.withLockedValue { $0.dates = dates }
      logger.error(
        "new certificates cannot be used, and the old ones stay",
        metadata: ["certificate": "\(tls.certificateFile)", "key": "\(tls.keyFile)", "error": "\(error)"]
      )
    }
  }

  private static func dates(of tls: ServerTLS) -> [Date?] {
    tls.files.map { try? FileManager.default.attributesOfItem(atPath: $0)[.modificationDate] as? Date }
  }
}
