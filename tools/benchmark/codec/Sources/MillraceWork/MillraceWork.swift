import Protobuf

/// The works by Millrace. Each runs so often as asked and returns a sum over what it made, so that it cannot be skipped.
public struct MillraceWork {
  let bytes: [UInt8]
  let message: Bench.Application
  let json: [UInt8]

  public init(bytes: [UInt8]) throws {
    self.bytes = bytes
    self.message = try Bench.Application(serializedBytes: bytes)
    self.json = try message.jsonUTF8Bytes()
  }

  public func decode(_ times: Int) throws -> Int {
    var sum = 0
    for _ in 0..<times { sum &+= try Bench.Application(serializedBytes: bytes).schedule.count }
    return sum
  }

  public func encode(_ times: Int) throws -> Int {
    var sum = 0
    for _ in 0..<times { sum &+= message.serializedBytes().count }
    return sum
  }

  public func decodeAndRead(_ times: Int) throws -> Int {
    var sum = 0
    for _ in 0..<times { sum &+= read(try Bench.Application(serializedBytes: bytes)) }
    return sum
  }

  public func buildAndEncode(_ times: Int) throws -> Int {
    var sum = 0
    for turn in 0..<times { sum &+= build(Int64(turn)).serializedBytes().count }
    return sum
  }

  public func toJSON(_ times: Int) throws -> Int {
    var sum = 0
    for _ in 0..<times { sum &+= try message.jsonUTF8Bytes().count }
    return sum
  }

  public func fromJSON(_ times: Int) throws -> Int {
    var sum = 0
    for _ in 0..<times { sum &+= try Bench.Application(jsonUTF8Bytes: json).schedule.count }
    return sum
  }

  /// Every field, once.
  func read(_ message: Bench.Application) -> Int {
    var sum = message.name.utf8.count &+ message.purpose.utf8.count &+ Int(message.termMonths)
    sum &+= Int(message.mode.rawValue) &+ Int(message.rate * 10_000) &+ (message.memo?.utf8.count ?? 0)
    sum &+= message.digest.reduce(0) { $0 &+ Int($1) } &+ Int(truncatingIfNeeded: message.version)
    sum &+= message.expedited ? 1 : 0
    if let applicant = message.applicant {
      sum &+= applicant.name.utf8.count &+ applicant.creditCode.utf8.count &+ applicant.address.utf8.count
      sum &+= applicant.phone.utf8.count
      for (key, value) in applicant.labels { sum &+= key.utf8.count &+ value.utf8.count }
    }
    sum &+= read(message.amount)
    for instalment in message.schedule {
      sum &+= Int(instalment.number) &+ Int(instalment.dueDate)
      sum &+= read(instalment.principal) &+ read(instalment.interest) &+ read(instalment.outstanding)
    }
    for id in message.documentIds { sum &+= id.utf8.count }
    for score in message.scores { sum &+= Int(score) }
    switch message.decision {
    case .declinedReason(let reason): sum &+= reason.utf8.count
    case .approved(let money): sum &+= read(money)
    case nil: break
    }
    return sum
  }

  func read(_ money: Bench.Money?) -> Int {
    guard let money else { return 0 }
    return money.currencyCode.utf8.count &+ Int(money.units) &+ Int(money.nanos)
  }

  func build(_ turn: Int64) -> Bench.Application {
    Bench.Application(
      name: "applications/0190f3b2-7c1e",
      applicant: Bench.Party(
        name: "Hangzhou Example Trading Co., Ltd.",
        creditCode: "91330100MA27XK6H5X",
        address: "88 Wensan Road, Xihu District, Hangzhou",
        phone: "+8657188887777",
        labels: ["industry": "wholesale", "region": "33"]
      ),
      amount: Bench.Money(currencyCode: "CNY", units: 500_000 &+ turn),
      termMonths: 12,
      purpose: "working capital for spring orders",
      mode: .equalInstalment,
      schedule: (Int64(0)..<12).map { month in
        Bench.Instalment(
          number: Int32(month) + 1,
          dueDate: 20_260_101 + month * 100,
          principal: Bench.Money(currencyCode: "CNY", units: 41_000 + month, nanos: 120_000_000),
          interest: Bench.Money(currencyCode: "CNY", units: 1_812 - month * 140, nanos: 500_000_000),
          outstanding: Bench.Money(currencyCode: "CNY", units: 500_000 - 41_000 * month)
        )
      },
      documentIds: ["doc-0000", "doc-0001", "doc-0002", "doc-0003"],
      scores: [640, 700, 712, 688, 655],
      rate: 0.0435,
      memo: "first loan",
      decision: .approved(Bench.Money(currencyCode: "CNY", units: 480_000)),
      digest: Array(0..<32),
      version: 9,
      expedited: true
    )
  }
}
