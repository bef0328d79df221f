import Foundation
import Testing

@Suite("What is deployed knows the contracts")
struct DeployTests {
  @Test("Envoy turns JSON into calls of every service there is")
  func envoyServices() throws {
    let services = try House.services()
    #expect(!services.isEmpty)
    let listed = try House.lines("tools/deploy/envoy.yaml")
      .drop { !$0.hasSuffix(" services:") }.dropFirst().prefix { $0.drop { $0 == " " }.hasPrefix("- ") }
      .map { String($0.drop { $0 == " " || $0 == "-" }) }
    #expect(listed == services + ["grpc.health.v1.Health"], "tools/deploy/envoy.yaml")
  }
}

extension House {
  /// The services of the contracts in Protos/millrace by their full names, in order.
  static func services() throws -> [String] {
    var names: [String] = []
    for path in try files() where path.hasPrefix("Protos/millrace/") && path.hasSuffix(".proto") {
      var package = ""
      for line in try lines(path) {
        let words = line.split { !($0.isLetter || $0.isNumber || $0 == "." || $0 == "_") }
        guard words.count >= 2 else { continue }
        if line.hasPrefix("package ") { package = String(words[1]) }
        if line.hasPrefix("service ") { names.append("\(package).\(words[1])") }
      }
    }
    return names.sorted()
  }
}
