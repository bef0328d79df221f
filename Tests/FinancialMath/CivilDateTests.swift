import FinancialMath
import Testing

@Suite struct CivilDateTests {
  /// Day numbers from an independent calendar.
  @Test(arguments: [
    ("0001-01-01", 0), ("1900-03-01", 693_654), ("1970-01-01", 719_162), ("2000-02-29", 730_178),
    ("2024-12-31", 739_250),
    ("9999-12-31", 3_652_058),
  ])
  func dayNumbers(text: String, number: Int) throws {
    let date = try CivilDate(iso8601: text)
    #expect(date.dayNumber == number)
    #expect(try CivilDate(dayNumber: number) == date)
    #expect(date.description == text)
  }

  @Test func everyDayFollowsTheOneBefore() throws {
    var (year, month, day) = (1, 1, 1)
    for number in 0...CivilDate.max.dayNumber {
      let date = try CivilDate(dayNumber: number)
      guard date.year == year, date.month == month, date.day == day, date.dayNumber == number else {
        Issue.record("day \(number) is \(date), expected \(year)-\(month)-\(day)")
        return
      }
      let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
      let lengths =
        (month == 2 ? (isLeap ? 29 : 28) : (month == 4 || month == 6 || month == 9 || month == 11) ? 30 : 31)
      day += 1
      if day > lengths { (day, month) = (1, month + 1) }
      if month > 12 { (month, year) = (1, year + 1) }
    }
    #expect(year == 10_000)
  }

  @Test(arguments: [
    (2023, 2, 29), (2024, 2, 30), (1900, 2, 29), (2024, 4, 31), (2024, 13, 1), (2024, 0, 1), (2024, 1, 0), (0, 1, 1),
    (10_000, 1, 1), (Int.min, 1, 1), (2024, Int.max, 1), (2024, 1, Int.min),
  ])
  func noSuchDay(year: Int, month: Int, day: Int) {
    #expect(throws: CivilDateError.invalid(year: year, month: month, day: day)) {
      try CivilDate(year: year, month: month, day: day)
    }
  }

  @Test(arguments: [
    "", "2024-1-01", "2024-01-1", "20240101", "2024/01/01", "2024-01-01T", "+024-01-01", "２024-01-01", "2024-01-0a",
  ])
  func malformed(text: String) {
    #expect(throws: CivilDateError.malformed(text)) { try CivilDate(iso8601: text) }
  }

  @Test(arguments: [
    ("2024-01-31", 1, 31, "2024-02-29"), ("2024-01-31", 2, 31, "2024-03-31"), ("2023-01-31", 1, 31, "2023-02-28"),
    ("2024-02-29", 12, 29, "2025-02-28"), ("2024-02-29", 1, 31, "2024-03-31"), ("2024-03-31", -1, 31, "2024-02-29"),
    ("2024-01-15", -1, 15, "2023-12-15"), ("2024-12-30", 2, 30, "2025-02-28"), ("2024-05-15", 0, 15, "2024-05-15"),
    ("0001-01-31", 119_987, 31, "9999-12-31"),
  ])
  func monthSteps(start: String, months: Int, anchor: Int, expected: String) throws {
    #expect(try CivilDate(iso8601: start).adding(months: months, anchorDay: anchor).description == expected)
  }

  /// The intervals of US Regulation Z, Appendix J, (c)(1)(ii) and (iv), and those that a month's end makes.
  @Test(arguments: [
    ("1978-02-10", "1978-04-01", 1, 19), ("1978-05-23", "1978-10-01", 4, 9), ("2024-01-15", "2024-01-15", 0, 0),
    ("2024-01-15", "2024-03-01", 1, 17), ("2024-01-31", "2024-02-29", 1, 0), ("2024-02-29", "2024-03-31", 1, 0),
    ("2024-01-30", "2024-03-31", 2, 1), ("2024-01-31", "2024-02-10", 0, 10), ("2023-12-31", "2024-01-30", 0, 30),
    ("0001-01-01", "9999-12-31", 119_987, 30),
  ])
  func monthsAndDays(start: String, end: String, months: Int, days: Int) throws {
    let found = try CivilDate(iso8601: start).monthsAndDays(until: CivilDate(iso8601: end))
    #expect(found.months == months && found.days == days)
  }

  @Test func stepsOutOfRange() throws {
    #expect(throws: CivilDateError.outOfRange) { try CivilDate.max.adding(days: 1) }
    #expect(throws: CivilDateError.outOfRange) { try CivilDate.min.adding(days: -1) }
    #expect(throws: CivilDateError.outOfRange) { try CivilDate.max.adding(days: .max) }
    #expect(throws: CivilDateError.outOfRange) { try CivilDate.max.adding(months: 1) }
    #expect(throws: CivilDateError.outOfRange) { try CivilDate.min.adding(months: .min) }
    #expect(throws: CivilDateError.outOfRange) { try CivilDate.max.adding(months: .max) }
    #expect(throws: CivilDateError.invalidAnchorDay(0)) { try CivilDate.min.adding(months: 1, anchorDay: 0) }
    #expect(throws: CivilDateError.invalidAnchorDay(32)) { try CivilDate.min.adding(months: 1, anchorDay: 32) }
    #expect(throws: CivilDateError.outOfRange) { try CivilDate(dayNumber: .max) }
  }

  @Test func clampedAtTheCalendarsEnds() throws {
    let date = try CivilDate(iso8601: "2024-02-28")
    #expect(date.clampedAdding(days: 2).description == "2024-03-01")
    #expect(date.clampedAdding(days: -59).description == "2023-12-31")
    #expect(CivilDate.max.clampedAdding(days: 1) == .max)
    #expect(CivilDate.min.clampedAdding(days: -1) == .min)
    #expect(date.clampedAdding(days: .max) == .max)
    #expect(date.clampedAdding(days: .min) == .min)
  }
}
