import FoundationEssentials

extension ServiceConfig {
  /// Why a text is no service config.
  public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
  }

  /// Reads gRPC's JSON form, `grpc.service_config.ServiceConfig`. Fields that are not known here mean nothing; of
  /// `loadBalancingConfig` the first policy counts that is known.
  public init(json: String) throws(Failure) {
    let wire: WireConfig
    do {
      wire = try JSONDecoder().decode(WireConfig.self, from: Data(json.utf8))
    } catch {
      throw Failure(description: "the service config cannot be read: \(error)")
    }
    self.init()
    loadBalancing = try wire.loadBalancing()
    retryThrottle = try wire.retryThrottling?.throttle()
    for method in wire.methodConfig ?? [] {
      let config = try method.config()
      for name in method.name ?? [] {
        let (service, method) = (name.service ?? "", name.method ?? "")
        guard !service.isEmpty || method.isEmpty else { throw Failure(description: "“\(method)” names no service") }
        guard !hasMethod(service: service, method: method) else {
          throw Failure(description: "“\(service)/\(method)” is configured twice")
        }
        set(config, service: service, method: method)
      }
    }
  }
}

/// The JSON form, as it is written.
private struct WireConfig: Decodable {
  var loadBalancingPolicy: String?
  var loadBalancingConfig: [[String: Ignored]]?
  var methodConfig: [WireMethod]?
  var retryThrottling: WireThrottling?

  /// What a policy says is of no interest: neither of those known here has options.
  struct Ignored: Decodable {
    init(from decoder: any Decoder) throws {}
  }

  func loadBalancing() throws(ServiceConfig.Failure) -> ServiceConfig.LoadBalancing {
    if let loadBalancingConfig {
      for name in loadBalancingConfig.flatMap(\.keys) {
        if let policy = WireConfig.policy(name) { return policy }
      }
      throw ServiceConfig.Failure(description: "none of the load balancing policies is known")
    }
    guard let loadBalancingPolicy else { return .pickFirst }
    guard let policy = WireConfig.policy(loadBalancingPolicy.lowercased()) else {
      throw ServiceConfig.Failure(description: "there is no load balancing policy “\(loadBalancingPolicy)”")
    }
    return policy
  }

  private static func policy(_ name: String) -> ServiceConfig.LoadBalancing? {
    switch name {
    case "pick_first": .pickFirst
    case "round_robin": .roundRobin
    default: nil
    }
  }
}

private struct WireMethod: Decodable {
  struct Name: Decodable {
    var service: String?
    var method: String?
  }

  var name: [Name]?
  var timeout: WireDuration?
  var waitForReady: Bool?
  var maxRequestMessageBytes: WireInteger?
  var maxResponseMessageBytes: WireInteger?
  var retryPolicy: WireRetryPolicy?

  func config() throws(ServiceConfig.Failure) -> ServiceConfig.Method {
    var config = ServiceConfig.Method()
    config.timeout = timeout?.value
    config.waitsForReady = waitForReady
    config.maxRequestBytes = maxRequestMessageBytes?.value
    config.maxResponseBytes = maxResponseMessageBytes?.value
    config.retryPolicy = try retryPolicy?.policy()
    return config
  }
}

private struct WireRetryPolicy: Decodable {
  var maxAttempts: Int?
  var initialBackoff: WireDuration?
  var maxBackoff: WireDuration?
  var backoffMultiplier: Double?
  var retryableStatusCodes: [WireCode]?

  func policy() throws(ServiceConfig.Failure) -> RetryPolicy {
    func fail(_ what: String) -> ServiceConfig.Failure { .init(description: "retryPolicy: \(what)") }
    guard let maxAttempts, maxAttempts >= 2 else { throw fail("maxAttempts must be 2 or more") }
    guard let initial = initialBackoff?.value, initial > .zero else {
      throw fail("initialBackoff must be more than 0s")
    }
    guard let longest = maxBackoff?.value, longest > .zero else { throw fail("maxBackoff must be more than 0s") }
    guard let multiplier = backoffMultiplier, multiplier > 0 else {
      throw fail("backoffMultiplier must be more than 0")
    }
    guard let codes = retryableStatusCodes, !codes.isEmpty else { throw fail("retryableStatusCodes must name some") }
    return RetryPolicy(
      maxAttempts: maxAttempts,
      backoff: Backoff(initial: initial, multiplier: multiplier, longest: longest),
      retryableStatusCodes: Set(codes.map(\.value))
    )
  }
}

private struct WireThrottling: Decodable {
  var maxTokens: Int?
  var tokenRatio: Double?

  func throttle() throws(ServiceConfig.Failure) -> RetryThrottle {
    guard let maxTokens, (1...1_000).contains(maxTokens) else {
      throw ServiceConfig.Failure(description: "retryThrottling: maxTokens must be from 1 to 1000")
    }
    guard let tokenRatio, tokenRatio >= 0.001, tokenRatio <= 1_000 else {
      throw ServiceConfig.Failure(description: "retryThrottling: tokenRatio must be from 0.001 to 1000")
    }
    return RetryThrottle(maxTokens: maxTokens, tokenRatio: tokenRatio)
  }
}

/// A status code by its name or its number.
private struct WireCode: Decodable {
  let value: StatusCode

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let code =
      if let number = try? container.decode(Int.self) {
        StatusCode(rawValue: number)
      } else {
        try StatusCode(name: container.decode(String.self))
      }
    guard let code else { throw ServiceConfig.Failure(description: "there is no such status code") }
    value = code
  }
}

/// A number of bytes, written as a number or as a text.
private struct WireInteger: Decodable {
  let value: Int

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let number = try (try? container.decode(Int.self)) ?? Int(container.decode(String.self))
    guard let number, number >= 0 else { throw ServiceConfig.Failure(description: "not a number of bytes") }
    value = number
  }
}

/// Seconds with an `s` behind them.
private struct WireDuration: Decodable {
  let value: Duration
  /// What protobuf's durations reach to.
  private static let largestSeconds = 315_576_000_000.0

  init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard text.hasSuffix("s"), let seconds = Double(text.dropLast()),
      (0...WireDuration.largestSeconds).contains(seconds)
    else {
      throw ServiceConfig.Failure(description: "“\(text)” is not a time in seconds")
    }
    value = .seconds(seconds)
  }
}
