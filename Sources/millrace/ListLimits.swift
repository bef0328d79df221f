import ArgumentParser
import Financing
import Foundation
import HTTP2
import Schedule
import Store
import Terms

/// `millrace limits`: every limit by its name.
struct ListLimits: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "limits",
    abstract: "Lists the limits of the server and of the platform, with their defaults.",
    discussion: "serve --limit sets those of the server; those of the platform, whose names have a dot, are fixed.")

  func run() throws {
    let server = Limits().values().mapValues { Int64($0) }
    let platform =
      try Self.values("amounts", AmountLimits.standard) + Self.values("calendar", CalendarLimits.standard)
      + Self.values("financing", FinancingLimits.standard) + Self.values("schedule", ScheduleLimits.standard)
      + Self.values("store", StoreLimits())
    for (name, value) in server.sorted(by: { $0.key < $1.key }) + platform { print("\(name)=\(value)") }
  }

  /// The limits of a domain in the order of their names, which the domain precedes.
  private static func values(_ domain: String, _ limits: some Encodable) throws -> [(key: String, value: Int64)] {
    try JSONDecoder().decode([String: Int64].self, from: JSONEncoder().encode(limits))
      .map { (key: "\(domain).\($0.key)", value: $0.value) }.sorted { $0.key < $1.key }
  }
}
