import FinancialMath
import TestSupport
import Testing

@Suite struct DayCountTests {
  struct Case: Sendable {
    var start: String
    var end: String
    var thirty360: Int64
    var thirtyE360: Int64
    var actual: Int64
    /// Over 365 × 366.
    var actualActual: Int64

    init(_ start: String, _ end: String, _ us: Int64, _ euro: Int64, _ actual: Int64, _ isda: Int64) {
      (self.start, self.end, thirty360, thirtyE360, self.actual, actualActual) = (start, end, us, euro, actual, isda)
    }
  }

  /// Among them the periods of the ISDA memorandum on ACT/ACT: 2003-11-01 (0.49772438) and 1999-07-01 (1.00137735).
  @Test(arguments: [
    Case("2024-01-01", "2024-07-01", 180, 180, 182, 66_430),
    Case("2024-01-31", "2024-02-29", 29, 29, 29, 10_585),
    Case("2024-02-29", "2024-03-31", 32, 31, 31, 11_315),
    Case("2023-01-30", "2023-03-31", 60, 60, 60, 21_960),
    Case("2023-12-31", "2024-12-31", 360, 360, 366, 133_591),
    Case("2003-11-01", "2004-05-01", 180, 180, 182, 66_491),
    Case("1999-07-01", "2000-07-01", 360, 360, 366, 133_774),
    Case("1600-02-28", "2400-03-01", 288_003, 288_003, 292_196, 106_872_730),
    Case("2023-05-30", "2023-05-31", 0, 0, 1, 366),
    Case("2019-08-31", "2024-02-29", 1_619, 1_619, 1_643, 600_913),
    Case("2024-02-28", "2024-02-28", 0, 0, 0, 0),
  ])
  func reference(item: Case) throws {
    let start = try CivilDate(iso8601: item.start)
    let end = try CivilDate(iso8601: item.end)
    let expected: [(DayCount, Int64, Int64)] = [
      (.thirty360US, item.thirty360, 360), (.thirtyE360, item.thirtyE360, 360), (.actual360, item.actual, 360),
      (.actual365Fixed, item.actual, 365), (.actualActualISDA, item.actualActual, 365 * 366),
    ]
    for (convention, numerator, denominator) in expected {
      let fraction = try convention.fraction(from: start, to: end)
      #expect(fraction == YearFraction(numerator: numerator, denominator: denominator), "\(convention)")
    }
  }

  @Test func actualConventionsMatchACountDayByDay() throws {
    var random = Seeded(7)
    for _ in 0..<60 {
      let first = Int.random(in: 0...3_600_000, using: &random)
      let start = try CivilDate(dayNumber: first)
      let length = Int.random(in: 0...1_500, using: &random)
      let end = try start.adding(days: length)
      var weighted: Int64 = 0
      for offset in 0..<length {
        weighted += CivilDate.isLeapYear(try start.adding(days: offset).year) ? 365 : 366
      }
      #expect(try DayCount.actualActualISDA.fraction(from: start, to: end).numerator == weighted)
      #expect(try DayCount.actual360.fraction(from: start, to: end).numerator == Int64(length))
    }
  }

  @Test func aPeriodHasADirection() throws {
    let (start, end) = (CivilDate.max, CivilDate.min)
    for convention in DayCount.allCases {
      #expect(throws: DayCountError.reversedPeriod(from: start, to: end)) {
        try convention.fraction(from: start, to: end)
      }
      #expect(try convention.fraction(from: end, to: start).numerator > 0)
    }
  }
}
