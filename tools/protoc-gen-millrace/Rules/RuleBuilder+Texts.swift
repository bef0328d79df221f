import Protobuf

extension RuleBuilder {
  func stringChecks(_ rules: BufValidate.StringRules) throws -> [RuleCheck] {
    var checks: [RuleCheck] = []
    func add(_ rule: String, _ description: String, fails: @escaping (String) -> String) {
      checks.append(.condition(fails: fails, rule: "string.\(rule)", description: description))
    }
    if let text = rules.const {
      add("const", "must be `\(text)`") { "!RuleText.equals(\($0), \(SwiftLiteral.string(text)))" }
    }
    if let count = rules.len {
      add("len", "must be \(Self.count(count, "character")) long") { "!RuleText.hasLength(\($0), \(Self.int(count)))" }
    }
    if let count = rules.minLen {
      add("min_len", "must be at least \(Self.count(count, "character")) long") {
        "RuleText.isShorter(\($0), than: \(Self.int(count)))"
      }
    }
    if let count = rules.maxLen {
      add("max_len", "must be at most \(Self.count(count, "character")) long") {
        "RuleText.isLonger(\($0), than: \(Self.int(count)))"
      }
    }
    checks += sizeChecks(
      "string", of: { "\($0).utf8" }, (rules.lenBytes, "len_bytes"), (rules.minBytes, "min_bytes"),
      (rules.maxBytes, "max_bytes"))
    if let text = rules.pattern { checks.append(try pattern(text, rule: "string.pattern")) }
    if let text = rules.prefix {
      add("prefix", "must begin with `\(text)`") { "!RuleText.begins(\($0), with: \(SwiftLiteral.string(text)))" }
    }
    if let text = rules.suffix {
      add("suffix", "must end with `\(text)`") { "!RuleText.ends(\($0), with: \(SwiftLiteral.string(text)))" }
    }
    if let text = rules.contains {
      add("contains", "must contain `\(text)`") { "!RuleText.contains(\($0), \(SwiftLiteral.string(text)))" }
    }
    if let text = rules.notContains {
      add("not_contains", "must not contain `\(text)`") { "RuleText.contains(\($0), \(SwiftLiteral.string(text)))" }
    }
    if !rules.in.isEmpty {
      let list = Self.list(rules.in)
      add("in", "must be one of " + Self.quoted(rules.in)) { "!RuleText.isOne(\($0), of: \(list))" }
    }
    if !rules.notIn.isEmpty {
      let list = Self.list(rules.notIn)
      add("not_in", "must be none of " + Self.quoted(rules.notIn)) { "RuleText.isOne(\($0), of: \(list))" }
    }
    if let format = try stringFormat(rules) {
      checks.append(.format(format, isStrict: rules.strict ?? true))
    }
    return checks
  }

  private func stringFormat(_ rules: BufValidate.StringRules) throws -> StringFormat? {
    switch rules.wellKnown {
    case nil: nil
    case .email(let isOn): isOn ? .email : nil
    case .hostname(let isOn): isOn ? .hostname : nil
    case .ip(let isOn): isOn ? .ip : nil
    case .ipv4(let isOn): isOn ? .ipv4 : nil
    case .ipv6(let isOn): isOn ? .ipv6 : nil
    case .uri(let isOn): isOn ? .uri : nil
    case .uriRef(let isOn): isOn ? .uriReference : nil
    case .address(let isOn): isOn ? .address : nil
    case .uuid(let isOn): isOn ? .uuid : nil
    case .tuuid(let isOn): isOn ? .tuuid : nil
    case .ipWithPrefixlen(let isOn): isOn ? .ipWithPrefixLength : nil
    case .ipv4WithPrefixlen(let isOn): isOn ? .ipv4WithPrefixLength : nil
    case .ipv6WithPrefixlen(let isOn): isOn ? .ipv6WithPrefixLength : nil
    case .ipPrefix(let isOn): isOn ? .ipPrefix : nil
    case .ipv4Prefix(let isOn): isOn ? .ipv4Prefix : nil
    case .ipv6Prefix(let isOn): isOn ? .ipv6Prefix : nil
    case .hostAndPort(let isOn): isOn ? .hostAndPort : nil
    case .ulid(let isOn): isOn ? .ulid : nil
    case .protobufFqn(let isOn): isOn ? .protobufName : nil
    case .protobufDotFqn(let isOn): isOn ? .dottedProtobufName : nil
    case .wellKnownRegex(.httpHeaderName): .headerName
    case .wellKnownRegex(.httpHeaderValue): .headerValue
    case .wellKnownRegex(.unspecified): nil
    case .wellKnownRegex(.unrecognized(let number)):
      throw GeneratorError("\(place): well_known_regex = \(number) is not known")
    }
  }

  func bytesChecks(_ rules: BufValidate.BytesRules) throws -> [RuleCheck] {
    var checks: [RuleCheck] = []
    func add(_ rule: String, _ description: String, fails: @escaping (String) -> String) {
      checks.append(.condition(fails: fails, rule: "bytes.\(rule)", description: description))
    }
    if let bytes = rules.const { add("const", "must be \(Self.hex(bytes))") { "\($0) != \(bytes)" } }
    checks += sizeChecks("bytes", of: { $0 }, (rules.len, "len"), (rules.minLen, "min_len"), (rules.maxLen, "max_len"))
    if let text = rules.pattern { checks.append(try pattern(text, rule: "bytes.pattern")) }
    if let bytes = rules.prefix {
      add("prefix", "must begin with \(Self.hex(bytes))") { "!\($0).starts(with: \(bytes) as [UInt8])" }
    }
    if let bytes = rules.suffix {
      add("suffix", "must end with \(Self.hex(bytes))") { "!RuleBytes.ends(\($0), with: \(bytes) as [UInt8])" }
    }
    if let bytes = rules.contains {
      add("contains", "must contain \(Self.hex(bytes))") { "!RuleBytes.contains(\($0), \(bytes) as [UInt8])" }
    }
    if !rules.in.isEmpty {
      add("in", "must be one of " + rules.in.map(Self.hex).joined(separator: ", ")) {
        "!\(rules.in).contains(\($0))"
      }
    }
    if !rules.notIn.isEmpty {
      add("not_in", "must be none of " + rules.notIn.map(Self.hex).joined(separator: ", ")) {
        "\(rules.notIn).contains(\($0))"
      }
    }
    let form: (rule: String, noun: String, sizes: [Int])? =
      switch rules.wellKnown {
      case .ip(true): ("ip", "an IP address of 4 or 16 bytes", [4, 16])
      case .ipv4(true): ("ipv4", "an IPv4 address of 4 bytes", [4])
      case .ipv6(true): ("ipv6", "an IPv6 address of 16 bytes", [16])
      case .uuid(true): ("uuid", "a UUID of 16 bytes", [16])
      case .ip(false), .ipv4(false), .ipv6(false), .uuid(false), nil: nil
      }
    if let form {
      add(form.rule, "must be \(form.noun)") { "!\([0] + form.sizes).contains(\($0).count)" }
      add(form.rule + "_empty", "must be \(form.noun), and is empty") { "\($0).isEmpty" }
    }
    return checks
  }

  private typealias SizeRule = (count: UInt64?, name: String)

  private func sizeChecks(
    _ type: String,
    of bytes: @escaping (String) -> String,
    _ exact: SizeRule,
    _ least: SizeRule,
    _ most: SizeRule
  ) -> [RuleCheck] {
    [(exact, "!=", ""), (least, "<", "at least "), (most, ">", "at most ")].compactMap { rule, comparison, words in
      rule.count.map { count in
        .condition(
          fails: { "\(bytes($0)).count \(comparison) \(Self.int(count))" },
          rule: "\(type).\(rule.name)",
          description: "must be \(words)\(Self.count(count, "byte")) long"
        )
      }
    }
  }

  /// `1 byte`, `3 bytes`
  static func count(_ count: UInt64, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  /// A size as an `Int`; nothing is as large as the largest.
  static func int(_ count: UInt64) -> Int { Int(clamping: count) }

  private static func list(_ texts: [String]) -> String {
    "[" + texts.map(SwiftLiteral.string).joined(separator: ", ") + "]"
  }

  private static func quoted(_ texts: [String]) -> String { texts.map { "`\($0)`" }.joined(separator: ", ") }

  private static func hex(_ bytes: [UInt8]) -> String {
    "0x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
