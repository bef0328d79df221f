import ArgumentParser
import HTTP2

/// `millrace limits`: the names and defaults that `serve --limit` knows.
struct ListLimits: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "limits",
    abstract: "Lists the limits that serve --limit sets, with their defaults.")

  func run() {
    for (name, value) in Limits().values().sorted(by: { $0.key < $1.key }) { print("\(name)=\(value)") }
  }
}
