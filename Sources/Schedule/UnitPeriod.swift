import FinancialMath

/// The period whose rate a loan's nominal cost is counted in, and how many of them pass before the first payment.
struct UnitPeriod: Hashable {
  /// Unit periods of a year: 12 / n for n months, 365 / n for n days.
  var perYear: Ratio
  /// From the start to the first payment: whole unit periods after `oddPart` of one.
  var wholePeriods: Int
  var oddPart: Ratio
}

extension ScheduleTerms {
  /// The distance between two payments, or the whole term of a single one.
  ///
  /// The first period is measured by its dates: full months back from the first payment and the actual days that remain,
  /// a month counting as 30 days. A term of full months is as many twelfths of a year; any other one is its actual days
  /// of 365.
  ///
  /// Source: US Regulation Z, 12 CFR 1026, Appendix J, (b)(5)(ii)–(iv), (vi) and (vii). Unlike there, unit periods may
  /// be longer than a year, and a part of a year counts months as 30 days as well.
  func unitPeriod(firstPayment: CivilDate) throws(CivilDateError) -> UnitPeriod {
    let days = Int64(startDate.days(until: firstPayment))
    switch frequency {
    case .everyDays(let step):
      return method == .singlePayment ? .term(365, over: days) : UnitPeriod(days, of: Int64(step), perYear: 365)
    case .monthly(let step):
      let (months, rest) = try startDate.monthsAndDays(until: firstPayment)
      if method == .singlePayment { return rest == 0 ? .term(12, over: Int64(months)) : .term(365, over: days) }
      return UnitPeriod(Int64(months * 30 + rest), of: Int64(step) * 30, perYear: 360)
    }
  }
}

extension UnitPeriod {
  /// A unit period of `length` of which `perYear` make a year, and a first payment after `elapsed`.
  fileprivate init(_ elapsed: Int64, of length: Int64, perYear: Int64) {
    self.perYear = Ratio(perYear, over: length)
    wholePeriods = Int(elapsed / length)
    oddPart = Ratio(elapsed % length, over: length)
  }

  /// One unit period of `length` of which `perYear` make a year.
  fileprivate static func term(_ perYear: Int64, over length: Int64) -> UnitPeriod {
    UnitPeriod(length, of: length, perYear: perYear)
  }
}
