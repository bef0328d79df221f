import NIOCore

/// What a channel calls, by the names that gRPC gives servers:
///
/// - `host:port` or `dns:///host:port`: the addresses of a name, by the system's resolver
/// - `ipv4:address:port,…` and `ipv6:[address]:port,…`: these addresses
/// - `unix:path` or `unix:///path`: a socket in the file system
///
/// The port is 443 where there is none.
public struct Target: Sendable, Hashable {
  /// Why a text names nothing to call.
  public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
  }

  enum Place: Sendable, Hashable {
    case name(host: String, port: Int)
    case addresses([SocketAddress])
  }

  let place: Place
  private static let defaultPort = 443

  public init(_ text: String) throws(Failure) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let rest = parts.count > 1 ? parts[1] : ""
    switch parts[0] {
    case "dns": self.init(place: try Target.named(rest, in: text))
    case "ipv4", "ipv6": self.init(place: .addresses(try Target.addresses(rest, isV6: parts[0] == "ipv6", in: text)))
    case "unix":
      let path = rest.hasPrefix("///") ? rest.dropFirst(2) : rest
      guard !path.isEmpty, !path.hasPrefix("//"), let address = try? SocketAddress(unixDomainSocketPath: String(path))
      else { throw Failure(description: "“\(text)” is no path of a socket") }
      self.init(place: .addresses([address]))
    default: self.init(place: try Target.named(text[...], in: text))
    }
  }

  public init(host: String, port: Int) { self.init(place: Target.place(host, port)) }

  private init(place: Place) { self.place = place }

  /// The name that a certificate of the server must be for; nil for an address, with which it is compared then.
  var serverName: String? {
    switch place {
    case .name(let host, _): host
    case .addresses(let addresses): addresses.contains { $0.port == nil } ? "localhost" : nil
    }
  }

  /// The `:authority` of calls on a connection to one of the addresses.
  func authority(at address: SocketAddress) -> String {
    switch place {
    case .name(let host, let port): return "\(host):\(port)"
    case .addresses:
      guard let host = address.ipAddress, let port = address.port else { return "localhost" }
      return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
  }

  private static func place(_ host: String, _ port: Int) -> Place {
    if let address = try? SocketAddress(ipAddress: host, port: port) { return .addresses([address]) }
    return .name(host: host, port: port)
  }

  /// `[//server/]host[:port]`
  private static func named(_ rest: Substring, in text: String) throws(Failure) -> Place {
    var name = rest
    if name.hasPrefix("//") {
      name = name.dropFirst(2)
      guard name.hasPrefix("/") else {
        throw Failure(description: "“\(text)” names a DNS server; only the system's resolver is asked")
      }
      name = name.dropFirst()
    }
    guard let (host, port) = hostAndPort(name) else { throw Failure(description: "“\(text)” is no host and port") }
    return place(host, port)
  }

  private static func addresses(
    _ list: Substring,
    isV6: Bool,
    in text: String
  ) throws(Failure) -> [SocketAddress] {
    var addresses: [SocketAddress] = []
    for part in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let (host, port) = hostAndPort(part), host.contains(":") == isV6,
        let address = try? SocketAddress(ipAddress: host, port: port)
      else { throw Failure(description: "“\(part)” in “\(text)” is no address") }
      addresses.append(address)
    }
    return addresses
  }

  /// Takes `host`, `host:port`, `[v6]`, `[v6]:port` and `v6` apart.
  private static func hostAndPort(_ text: Substring) -> (host: String, port: Int)? {
    let host: Substring
    var rest: Substring = ""
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      host = text[text.index(after: text.startIndex)..<end]
      rest = text[text.index(after: end)...]
    } else if let colon = text.firstIndex(of: ":"), !text[text.index(after: colon)...].contains(":") {
      host = text[..<colon]
      rest = text[colon...]
    } else {
      host = text
    }
    guard !host.isEmpty else { return nil }
    if rest.isEmpty { return (String(host), defaultPort) }
    guard rest.hasPrefix(":"), let port = UInt16(digits: rest.dropFirst()) else { return nil }
    return (String(host), Int(port))
  }
}
