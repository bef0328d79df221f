import Protobuf

extension RuleBuilder {
  func durationChecks(_ rules: BufValidate.DurationRules) -> [RuleCheck] {
    var range = RuleRange<Int128>()
    range.const = rules.const.map(RuleTime.nanoseconds)
    switch rules.lessThan {
    case .lt(let value): range.upper = .init(RuleTime.nanoseconds(value), isInclusive: false)
    case .lte(let value): range.upper = .init(RuleTime.nanoseconds(value), isInclusive: true)
    case nil: break
    }
    switch rules.greaterThan {
    case .gt(let value): range.lower = .init(RuleTime.nanoseconds(value), isInclusive: false)
    case .gte(let value): range.lower = .init(RuleTime.nanoseconds(value), isInclusive: true)
    case nil: break
    }
    range.allowed = rules.in.map(RuleTime.nanoseconds)
    range.forbidden = rules.notIn.map(RuleTime.nanoseconds)
    return range.checks(
      .init(
        name: "duration",
        literal: { "\($0)" },
        text: Self.seconds,
        operand: { "RuleTime.nanoseconds(\($0))" },
        less: "shorter than",
        greater: "longer than"
      )
    )
  }

  func timestampChecks(_ rules: BufValidate.TimestampRules) throws -> [RuleCheck] {
    var range = RuleRange<Int128>()
    var nowChecks: [RuleCheck] = []
    func add(_ rule: String, _ description: String, fails: @escaping (String) -> String) {
      nowChecks.append(
        .condition(
          fails: { fails("RuleTime.nanoseconds(\($0))") },
          rule: "timestamp.\(rule)",
          description: "must \(description)"
        )
      )
    }
    range.const = try rules.const.map(nanoseconds)
    switch rules.lessThan {
    case .lt(let value): range.upper = .init(try nanoseconds(value), isInclusive: false)
    case .lte(let value): range.upper = .init(try nanoseconds(value), isInclusive: true)
    case .ltNow(true): add("lt_now", "not lie in the future") { "\($0) > RuleTime.now()" }
    case .ltNow(false), nil: break
    }
    switch rules.greaterThan {
    case .gt(let value): range.lower = .init(try nanoseconds(value), isInclusive: false)
    case .gte(let value): range.lower = .init(try nanoseconds(value), isInclusive: true)
    case .gtNow(true): add("gt_now", "not lie in the past") { "\($0) < RuleTime.now()" }
    case .gtNow(false), nil: break
    }
    if let within = rules.within.map(RuleTime.nanoseconds) {
      add("within", "lie within \(Self.seconds(within)) of now") {
        "!RuleTime.isNow(\($0), within: \(within))"
      }
    }
    let style = RuleRange<Int128>.Style(
      name: "timestamp",
      literal: { "\($0)" },
      text: Self.time,
      operand: { "RuleTime.nanoseconds(\($0))" },
      less: "before",
      atMost: "no later than",
      greater: "after",
      atLeast: "no earlier than"
    )
    return range.checks(style) + nowChecks
  }

  private func nanoseconds(_ time: GoogleProtobuf.Timestamp) throws -> Int128 {
    guard time.isValid else {
      throw GeneratorError("\(place): a time in its rules is not between the years 1 and 9999")
    }
    return RuleTime.nanoseconds(time)
  }

  private static func time(_ nanoseconds: Int128) -> String {
    let (seconds, nanos) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let borrowed: Int128 = nanos < 0 ? 1 : 0
    let time = GoogleProtobuf.Timestamp(
      seconds: Int64(seconds - borrowed),
      nanos: Int32(nanos + borrowed * 1_000_000_000)
    )
    return time.rfc3339 ?? "\(nanoseconds) ns"
  }

  private static func seconds(_ nanoseconds: Int128) -> String {
    let (seconds, nanos) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
    var text = "\(nanoseconds < 0 ? "-" : "")\(seconds)"
    if nanos != 0 {
      let digits = String(nanos)
      text += "." + String(repeating: "0", count: 9 - digits.count) + digits
      while text.last == "0" { text.removeLast() }
    }
    return text + " s"
  }
}
