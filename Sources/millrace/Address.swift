import ArgumentParser
import RPC

/// A host and a port, `HOST:PORT`; an IPv6 host stands in brackets.
struct Address: ExpressibleByArgument, CustomStringConvertible {
  var host: String
  var port: Int

  /// Where the service listens unless it is told otherwise.
  static let standard = Address(host: "127.0.0.1", port: 50_051)

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  init?(argument: String) {
    guard let colon = argument.lastIndex(of: ":"), let port = UInt16(digits: argument[argument.index(after: colon)...])
    else {
      return nil
    }
    var host = argument[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { return nil }
    self.host = String(host)
    self.port = Int(port)
  }

  var defaultValueDescription: String { description }

  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
