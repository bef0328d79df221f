import HTTP2
import Testing

@Suite("Limits by name")
struct LimitTests {
  @Test func everyLimitIsSetByItsName() throws {
    for (name, value) in Limits().values() {
      var limits = Limits()
      limits.set([try LimitSetting("\(name)=\(value + 1)")])
      #expect(limits.values()[name] == value + 1)
      #expect(limits.values().filter { $0.key != name } == Limits().values().filter { $0.key != name })
    }
    var limits = Limits()
    limits.set([try LimitSetting("maxHeaderFields=7"), try LimitSetting("maxHeaderFields=8")])
    #expect(limits.maxHeaderFields == 8)
  }

  @Test(arguments: [
    ("maxHeaderFields", "“maxHeaderFields” is not of the form name=value"),
    ("=1", "“=1” is not of the form name=value"),
    ("headerfields=1", "there is no limit “headerfields”; did you mean “maxHeaderFields”?"),
    ("speed=1", "there is no limit “speed”"),
    ("maxHeaderFields=", "maxHeaderFields must be a whole number from 0 to 2147483647, not “”"),
    ("maxHeaderFields=-1", "maxHeaderFields must be a whole number from 0 to 2147483647, not “-1”"),
    ("maxHeaderFields=2147483648", "maxHeaderFields must be a whole number from 0 to 2147483647, not “2147483648”"),
    ("maxHeaderFields=many", "maxHeaderFields must be a whole number from 0 to 2147483647, not “many”"),
  ])
  func whatIsNoSetting(_ text: String, _ said: String) {
    #expect { try LimitSetting(text) } throws: { "\($0)" == said }
  }

  @Test func extremesServe() async throws {
    for value in [1, LimitSetting.largestValue] {
      var limits = Limits()
      // A millisecond's silence is not to end the connection.
      limits.set(try limits.values().keys.map { try LimitSetting("\($0)=\($0.hasSuffix("Seconds") ? 60 : value)") })
      if value == 1 {
        limits.maxHeaderFields = 20
        limits.maxHeaderBytes = 2_000
        limits.maxRequestBytes = 100
        limits.streamWindowBytes = 100
        limits.maxSettingsEntries = 10
        limits.idleFrameBurst = 10
        limits.maxOutboundAcknowledgments = 2
        limits.maxBufferedRequestBytesPerConnection = 100
      }
      try await withService(.socket, limits: limits) { channel, _ in
        let reply: Reply = try await channel.unary(TestService.Methods.echo, Request(name: "a"))
        #expect(reply.name == "a")
      }
    }
  }
}
