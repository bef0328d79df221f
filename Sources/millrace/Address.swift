import ArgumentParser
import RPC

/// A host and a port, `HOST:PORT`; an IPv6 host stands in brackets.
struct Address: CustomStringConvertible {
  var host: String
  var port: Int

  /// Where the service listens unless it is told otherwise.
  static let standard = Address(host: "127.0.0.1", port: 50_051)

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// - Throws: `ValidationError`, which says what is wrong with the text.
  init(parsing text: String) throws {
    guard let colon = text.lastIndex(of: ":") else {
      throw ValidationError("“\(text)” has no port; it must be HOST:PORT")
    }
    let digits = text[text.index(after: colon)...]
    guard let port = UInt16(digits: digits) else {
      throw ValidationError("the port must be a number from 0 to 65535, not “\(digits)”")
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw ValidationError("an IPv6 address stands in brackets: [\(host)]:\(port)")
    }
    guard !host.isEmpty else { throw ValidationError("“\(text)” has no host; it must be HOST:PORT") }
    self.init(host: String(host), port: Int(port))
  }

  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
