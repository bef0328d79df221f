import RPC
import Testing

/// gRPC's JSON, as its documentation of service configs and of retries has it.
struct ServiceConfigTests {
  private func method(_ service: String, _ name: String) -> MethodDescriptor {
    MethodDescriptor(service: service, name: name, kind: .unary, access: .public)
  }

  @Test func theMostSpecificNameCounts() throws {
    let config = try ServiceConfig(
      json: """
        {"methodConfig": [
          {"name": [{"service": "a.A", "method": "One"}, {"service": "b.B"}], "timeout": "1.5s"},
          {"name": [{"service": "a.A"}], "timeout": "2s", "waitForReady": true, "unknown": {"x": []}},
          {"name": [{}], "maxRequestMessageBytes": 10, "maxResponseMessageBytes": "20"}
        ]}
        """)
    #expect(config[method("a.A", "One")]?.timeout == .milliseconds(1_500))
    #expect(config[method("a.A", "One")]?.waitsForReady == nil)
    #expect(config[method("b.B", "Any")]?.timeout == .milliseconds(1_500))
    #expect(config[method("a.A", "Two")]?.waitsForReady == true)
    #expect(config[method("c.C", "One")]?.maxRequestBytes == 10)
    #expect(config[method("c.C", "One")]?.maxResponseBytes == 20)
    #expect(try ServiceConfig(json: "{}")[method("a.A", "One")] == nil)
  }

  @Test func aRetryPolicyIsRead() throws {
    let config = try ServiceConfig(
      json: """
        {"methodConfig": [{"name": [{"service": "a.A"}], "retryPolicy": {
          "maxAttempts": 4, "initialBackoff": ".1s", "maxBackoff": "1s", "backoffMultiplier": 2,
          "retryableStatusCodes": ["UNAVAILABLE", 8]}}]}
        """)
    let policy = try #require(config[method("a.A", "One")]?.retryPolicy)
    #expect(policy.maxAttempts == 4)
    #expect(policy.backoff == Backoff(initial: .milliseconds(100), multiplier: 2, longest: .seconds(1)))
    #expect(policy.retryableStatusCodes == [.unavailable, .resourceExhausted])
  }

  @Test(arguments: [
    (#"{}"#, ServiceConfig.LoadBalancing.pickFirst),
    (#"{"loadBalancingConfig": [{"round_robin": {}}]}"#, .roundRobin),
    (#"{"loadBalancingConfig": [{"xds": {"a": 1}}, {"round_robin": {}}, {"pick_first": {}}]}"#, .roundRobin),
    (#"{"loadBalancingConfig": [{"pick_first": {"shuffleAddressList": true}}]}"#, .pickFirst),
    (#"{"loadBalancingPolicy": "ROUND_ROBIN"}"#, .roundRobin),
  ])
  func theFirstKnownPolicyBalances(_ json: String, _ policy: ServiceConfig.LoadBalancing) throws {
    #expect(try ServiceConfig(json: json).loadBalancing == policy)
  }

  private static let retry = #""initialBackoff":"1s","maxBackoff":"1s","backoffMultiplier":1,"#

  @Test(arguments: [
    "", "[]", #"{"methodConfig": {}}"#,
    #"{"methodConfig": [{"name": [{"method": "One"}]}]}"#,
    #"{"methodConfig": [{"name": [{"service": "a"}]}, {"name": [{"service": "a"}]}]}"#,
    #"{"methodConfig": [{"name": [{"service": "a"}], "timeout": "1"}]}"#,
    #"{"methodConfig": [{"name": [{"service": "a"}], "timeout": "-1s"}]}"#,
    #"{"methodConfig": [{"name": [{"service": "a"}], "timeout": "nans"}]}"#,
    #"{"methodConfig": [{"name": [{"service": "a"}], "maxRequestMessageBytes": -1}]}"#,
    #"{"methodConfig": [{"retryPolicy": {}}]}"#,
    #"{"methodConfig": [{"retryPolicy": {"maxAttempts": 2, \#(retry) "retryableStatusCodes": []}}]}"#,
    #"{"methodConfig": [{"retryPolicy": {"maxAttempts": 2, \#(retry) "retryableStatusCodes": ["NO_SUCH"]}}]}"#,
    #"{"methodConfig": [{"retryPolicy": {"maxAttempts": 1, \#(retry) "retryableStatusCodes": [14]}}]}"#,
    #"{"loadBalancingConfig": [{"xds": {}}]}"#, #"{"loadBalancingPolicy": "xds"}"#,
    #"{"retryThrottling": {"maxTokens": 0, "tokenRatio": 1}}"#,
    #"{"retryThrottling": {"maxTokens": 1001, "tokenRatio": 1}}"#,
    #"{"retryThrottling": {"maxTokens": 10, "tokenRatio": 0}}"#,
    #"{"retryThrottling": {"maxTokens": 10}}"#,
  ])
  func whatIsNoConfig(_ json: String) {
    #expect(throws: ServiceConfig.Failure.self) { try ServiceConfig(json: json) }
  }

  @Test func aCallsOwnOptionsAreOnlyEverNarrowed() {
    var config = ServiceConfig.Method()
    config.timeout = .seconds(3_600)
    config.maxRequestBytes = 100
    config.maxResponseBytes = 1 << 30
    config.waitsForReady = true
    let soon = Deadline(after: .seconds(1))
    let options = CallOptions(deadline: soon, waitsForReady: false).within(config)
    #expect(options.deadline == soon)
    #expect(options.maxRequestBytes == 100)
    #expect(options.maxResponseBytes == 4 << 20)
    #expect(options.waitsForReady == false)
    #expect(CallOptions().within(config).waitsForReady == true)
    #expect(CallOptions().within(config).deadline != nil)
  }
}
