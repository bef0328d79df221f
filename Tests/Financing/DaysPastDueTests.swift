import FinancialMath
import Financing
import TestSupport
import Testing

@Suite struct DaysPastDueTests {
  private func on(_ date: String, _ minorUnits: Int64) throws -> DatedAmount {
    DatedAmount(try CivilDate(iso8601: date), Money(minorUnits, .cny))
  }

  private func count(_ date: String, receipts: [DatedAmount]) throws -> DaysPastDue {
    let dues = try [on("2024-03-01", 100), on("2024-02-01", 100), on("2024-04-01", 100)]
    return try DaysPastDue.count(on: CivilDate(iso8601: date), dues: dues, receipts: receipts, currency: .cny)
  }

  @Test(arguments: [
    ("2024-02-01", 0, 0), ("2024-02-02", 1, 100), ("2024-03-01", 29, 100), ("2024-03-02", 30, 200),
    ("2024-05-01", 90, 300), ("2024-05-02", 91, 300),
  ])
  func withoutReceipts(date: String, days: Int, overdue: Int64) throws {
    let result = try count(date, receipts: [])
    #expect(result.days == days)
    #expect(result.overdueAmount == MoneySum(Int128(overdue), .cny))
  }

  @Test func receiptsPayTheOldestFirst() throws {
    #expect(try count("2024-03-11", receipts: [on("2024-03-05", 99)]).days == 39)
    let cured = try count("2024-03-11", receipts: [on("2024-03-05", 100)])
    #expect(cured.days == 10)
    #expect(cured.oldestUnpaidDueDate?.description == "2024-03-01")
    #expect(try count("2024-03-11", receipts: [on("2024-03-05", 200)]).days == 0)
    #expect(try count("2024-04-30", receipts: [on("2024-01-05", 300)]).days == 0)
  }

  /// The same day counted before and after a backdated receipt was booked.
  @Test func backdatedReceiptsCount() throws {
    let known = try [on("2024-03-05", 100)]
    #expect(try count("2024-03-11", receipts: known).days == 10)
    #expect(try count("2024-03-11", receipts: known + [on("2024-02-20", 100)]).days == 0)
    #expect(try count("2024-03-11", receipts: known + [on("2024-03-12", 100)]).days == 10)
  }

  @Test func amountsAreChecked() throws {
    let date = try CivilDate(iso8601: "2024-03-01")
    let dues = try [on("2024-01-01", .max), on("2024-02-01", .max)]
    // A sum is wider than an amount.
    let overdue = try DaysPastDue.count(on: date, dues: dues, receipts: [], currency: .cny).overdueAmount
    #expect(overdue == MoneySum(2 * Int128(Int64.max), .cny))
    let negative = try on("2024-01-02", -1)
    #expect(throws: DaysPastDueError.negativeAmount(negative.date)) {
      try DaysPastDue.count(on: date, dues: [], receipts: [negative], currency: .cny)
    }
    let yen = try Currency("JPY")
    #expect(throws: DaysPastDueError.money(.mixedCurrencies(yen, .cny))) {
      try DaysPastDue.count(on: date, dues: dues, receipts: [], currency: yen)
    }
  }

  @Test func moreMoneyNeverMakesItWorse() throws {
    var random = Seeded(11)
    let start = try CivilDate(iso8601: "2024-01-01")
    for _ in 0..<300 {
      let dues = try (0..<12).map { month in
        DatedAmount(try start.adding(months: month), Money(Int64.random(in: 0...100, using: &random), .cny))
      }.shuffled(using: &random)
      let date = try start.adding(days: Int.random(in: 0...500, using: &random))
      let receipts = try (0..<5).map { _ in
        DatedAmount(
          try start.adding(days: Int.random(in: 0...500, using: &random)),
          Money(Int64.random(in: 0...200, using: &random), .cny)
        )
      }
      let less = try DaysPastDue.count(on: date, dues: dues, receipts: Array(receipts.dropLast()), currency: .cny)
      let more = try DaysPastDue.count(on: date, dues: dues, receipts: receipts, currency: .cny)
      #expect(more.days <= less.days)
      #expect(more.overdueAmount.minorUnits <= less.overdueAmount.minorUnits)
      #expect((more.days == 0) == more.overdueAmount.isZero)
    }
  }

  /// One bucket for every 30 days begun, the last for all that is longer overdue.
  @Test(arguments: [
    ("2024-02-01", 0), ("2024-02-02", 1), ("2024-03-02", 1), ("2024-03-03", 2), ("2024-05-02", 4), ("2024-07-30", 6),
    ("2024-07-31", 7), ("2030-01-01", 7),
  ])
  func buckets(date: String, bucket: Int) throws {
    #expect(try count(date, receipts: []).bucket == bucket)
  }
}
