import Testing

@testable import HTTP2

/// Names as gRPC's documentation of name resolution has them.
struct TargetTests {
  @Test(arguments: [
    ("example.com:50051", "example.com", 50_051), ("dns:example.com", "example.com", 443),
    ("dns:///example.com:80", "example.com", 80), ("localhost:1", "localhost", 1), ("unknown:1", "unknown", 1),
  ])
  func names(_ text: String, _ host: String, _ port: Int) throws {
    let target = try Target(text)
    #expect(target.place == .name(host: host, port: port))
    #expect(target.serverName == host)
  }

  @Test(arguments: [
    ("127.0.0.1:80", ["127.0.0.1:80"]), ("dns:///[::1]:80", ["[::1]:80"]), ("[::1]:80", ["[::1]:80"]),
    ("::1", ["[::1]:443"]), ("ipv4:10.0.0.1:1,10.0.0.2", ["10.0.0.1:1", "10.0.0.2:443"]),
    ("ipv6:[::1]:1,[2001:db8::2]:2", ["[::1]:1", "[2001:db8::2]:2"]), ("ipv6:::1", ["[::1]:443"]),
  ])
  func addresses(_ text: String, _ expected: [String]) throws {
    let target = try Target(text)
    guard case .addresses(let addresses) = target.place else {
      Issue.record("\(text) is no address")
      return
    }
    #expect(addresses.map(target.authority) == expected)
    #expect(target.serverName == nil)
  }

  @Test(arguments: [
    ("unix:/run/a.sock", "/run/a.sock"), ("unix:///run/a.sock", "/run/a.sock"), ("unix:a.sock", "a.sock"),
  ])
  func sockets(_ text: String, _ path: String) throws {
    let target = try Target(text)
    guard case .addresses(let addresses) = target.place else {
      Issue.record("\(text) is no address")
      return
    }
    #expect(addresses.map(\.pathname) == [path])
    #expect(addresses.map(target.authority) == ["localhost"])
  }

  @Test(arguments: [
    "", ":80", "dns:", "dns:///", "dns://8.8.8.8/example.com", "example.com:", "example.com:65536", "example.com:-1",
    "[::1", "[::1]80", "ipv4:", "ipv4:example.com:1", "ipv4:10.0.0.1:1,", "ipv4:[::1]:1", "ipv6:10.0.0.1:1", "unix:",
    "unix://relative",
  ])
  func whatNamesNothing(_ text: String) {
    #expect(throws: Target.Failure.self) { try Target(text) }
  }
}
