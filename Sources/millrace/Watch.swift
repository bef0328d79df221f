import ArgumentParser
import Contracts
import Foundation
import HTTP2
import Identity
import RPC

/// `millrace watch`: the applications' transitions as they happen.
struct Watch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Follows the applications' transitions in the terminal, from the first one on and then live.")

  @OptionGroup var server: ServerOptions

  @Option(help: "Go on after the event with this resume token.")
  var after = ""

  @Option(help: "Only applications of this enterprise, enterprises/….")
  var enterprise = ""

  @Flag(help: "Leave out what has happened so far.")
  var onlyNew = false

  func run() async throws {
    let client = FinancingV1.FinancingServiceClient(try server.channel())
    let events = try await client.watchApplications(
      FinancingV1.WatchApplicationsRequest(enterprise: enterprise, resumeToken: after, onlyNew: onlyNew),
      options: try server.options(as: .operator))
    for try await event in events {
      let moment = Date(timeIntervalSince1970: Double(event.eventTime?.seconds ?? 0))
      let from = event.fromState.valueName ?? "?"
      let to = event.toState.valueName ?? "?"
      say(
        "\(moment.formatted(.iso8601))  \(event.application?.name ?? "")  "
          + "\(from == "STATE_UNSPECIFIED" ? "·" : from) → \(to)  by \(event.actor)  [\(event.resumeToken)]")
    }
  }
}
