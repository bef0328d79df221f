import Logging
import RPC
import Synchronization
import Testing

@Suite("The log of misconduct")
struct IncidentLogTests {
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  private struct Handler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let said = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
      lines.all.withLock { $0.append("\(event.level) \(event.message)\(said)") }
    }
  }

  @Test func aFloodIsOneLineASecondOfAKind() {
    let lines = Lines()
    let incidents = IncidentLog(logger: Logger(label: "test") { _ in Handler(lines: lines) }, intervalSeconds: 1)
    let second: UInt64 = 1_000_000_000
    for number in 0..<1_000 { incidents.report("flood", peer: "10.0.0.\(number % 4)", now: second) }
    incidents.report("other", peer: "10.0.0.9", metadata: ["reason": "x"], now: second + 1)
    incidents.report("flood", peer: "10.0.0.1", now: 2 * second)
    #expect(
      lines.all.withLock { $0 } == [
        "notice flood peer=10.0.0.0",
        "notice other peer=10.0.0.9 reason=x",
        "notice flood peer=10.0.0.1 unlogged=999",
      ])
  }
}
