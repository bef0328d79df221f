import Foundation
import SwiftProtobuf

/// The same works by SwiftProtobuf.
public struct SwiftProtobufWork {
  let bytes: [UInt8]
  let message: Bench_Application
  let json: [UInt8]

  public init(bytes: [UInt8]) throws {
    self.bytes = bytes
    self.message = try Bench_Application(serializedBytes: bytes)
    self.json = try message.jsonUTF8Bytes()
  }

  public func decode(_ times: Int) throws -> Int {
    var sum = 0
    for _ in 0..<times { sum &+= try Bench_Application(serializedBytes: bytes).schedule.count }
    return sum
  }

  public func encode(_ times: Int) throws -> Int {
    var sum = 0
    for _ in 0..<times {
      let encoded: [UInt8] = try message.serializedBytes()
      sum &+= encoded.count
    }
    return sum
  }

  public func decodeAndRead(_ times: Int) throws -> Int {
    var sum = 0
    for _ in 0..<times { sum &+= read(try Bench_Application(serializedBytes: bytes)) }
    return sum
  }

  public func buildAndEncode(_ times: Int) throws -> Int {
    var sum = 0
    for turn in 0..<times {
      let encoded: [UInt8] = try build(Int64(turn)).serializedBytes()
      sum &+= encoded.count
    }
    return sum
  }

  public func toJSON(_ times: Int) throws -> Int {
    var sum = 0
    for _ in 0..<times {
      let encoded: [UInt8] = try message.jsonUTF8Bytes()
      sum &+= encoded.count
    }
    return sum
  }

  public func fromJSON(_ times: Int) throws -> Int {
    var sum = 0
    for _ in 0..<times { sum &+= try Bench_Application(jsonUTF8Bytes: json).schedule.count }
    return sum
  }

  /// Every field, once.
  func read(_ message: Bench_Application) -> Int {
    var sum = message.name.utf8.count &+ message.purpose.utf8.count &+ Int(message.termMonths)
    sum &+= message.mode.rawValue &+ Int(message.rate * 10_000) &+ (message.hasMemo ? message.memo.utf8.count : 0)
    sum &+= message.digest.reduce(0) { $0 &+ Int($1) } &+ Int(truncatingIfNeeded: message.version)
    sum &+= message.expedited ? 1 : 0
    if message.hasApplicant {
      let applicant = message.applicant
      sum &+= applicant.name.utf8.count &+ applicant.creditCode.utf8.count &+ applicant.address.utf8.count
      sum &+= applicant.phone.utf8.count
      for (key, value) in applicant.labels { sum &+= key.utf8.count &+ value.utf8.count }
    }
    if message.hasAmount { sum &+= read(message.amount) }
    for instalment in message.schedule {
      sum &+= Int(instalment.number) &+ Int(instalment.dueDate)
      if instalment.hasPrincipal { sum &+= read(instalment.principal) }
      if instalment.hasInterest { sum &+= read(instalment.interest) }
      if instalment.hasOutstanding { sum &+= read(instalment.outstanding) }
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

  func read(_ money: Bench_Money) -> Int {
    money.currencyCode.utf8.count &+ Int(money.units) &+ Int(money.nanos)
  }

  func build(_ turn: Int64) -> Bench_Application {
    Bench_Application.with { message in
      message.name = "applications/0190f3b2-7c1e"
      message.applicant = .with { applicant in
        applicant.name = "Hangzhou Example Trading Co., Ltd."
        applicant.creditCode = "91330100MA27XK6H5X"
        applicant.address = "88 Wensan Road, Xihu District, Hangzhou"
        applicant.phone = "+8657188887777"
        applicant.labels = ["industry": "wholesale", "region": "33"]
      }
      message.amount = money(500_000 &+ turn)
      message.termMonths = 12
      message.purpose = "working capital for spring orders"
      message.mode = .equalInstalment
      message.schedule = (Int64(0)..<12).map { month in
        .with { instalment in
          instalment.number = Int32(month) + 1
          instalment.dueDate = 20_260_101 + month * 100
          instalment.principal = money(41_000 + month, nanos: 120_000_000)
          instalment.interest = money(1_812 - month * 140, nanos: 500_000_000)
          instalment.outstanding = money(500_000 - 41_000 * month)
        }
      }
      message.documentIds = ["doc-0000", "doc-0001", "doc-0002", "doc-0003"]
      message.scores = [640, 700, 712, 688, 655]
      message.rate = 0.0435
      message.memo = "first loan"
      message.approved = money(480_000)
      message.digest = Data(0..<32)
      message.version = 9
      message.expedited = true
    }
  }

  func money(_ units: Int64, nanos: Int32 = 0) -> Bench_Money {
    .with { money in
      money.currencyCode = "CNY"
      money.units = units
      money.nanos = nanos
    }
  }
}
