import FinancialMath
import Testing

@Suite struct MoneyTests {
  @Test(arguments: [
    ("JPY", 0), ("KRW", 0), ("VND", 0), ("CNY", 2), ("USD", 2), ("EUR", 2), ("KWD", 3), ("BHD", 3), ("CLF", 4),
  ])
  func minorUnitExponents(code: String, decimals: Int) throws {
    let currency = try Currency(code)
    #expect(Int(currency.decimals) == decimals)
    #expect(currency.code == code)
  }

  @Test(arguments: ["", "CN", "CNYY", "cny", "ZZZ", "XAU", "XXX", "XTS", "C¥", "CNY "])
  func unknownCodesAreRefused(code: String) {
    #expect(throws: MoneyError.unknownCurrency(code)) { try Currency(code) }
  }

  @Test func tableHasNoDuplicateAndKnowsYuan() throws {
    #expect(Set(Currency.all.map(\.code)).count == Currency.all.count)
    #expect(Currency.all.count > 160)
    #expect(try Currency("CNY") == .cny)
  }

  @Test func overflowIsAnError() throws {
    let most = Money(.max, .cny)
    let least = Money(.min, .cny)
    let one = Money(1, .cny)
    #expect(throws: MoneyError.overflow) { try most.adding(one) }
    #expect(throws: MoneyError.overflow) { try least.subtracting(one) }
    #expect(throws: MoneyError.overflow) { try least.negated() }
    #expect(throws: MoneyError.overflow) { try most.multiplied(by: 2) }
    #expect(throws: RoundingError.overflow) { try most.multiplied(by: 3, over: 2, rounding: Rounding(.down)) }
    #expect(try most.adding(least).minorUnits == -1)
    #expect(try Money.sum([most, one, Money(-1, .cny)], in: .cny) == most)
    #expect(throws: MoneyError.overflow) { try Money.sum([most, one], in: .cny) }
  }

  @Test func currenciesDoNotMix() throws {
    let yen = try Currency("JPY")
    let mixed = MoneyError.mixedCurrencies(.cny, yen)
    #expect(throws: mixed) { try Money(1, .cny).adding(Money(1, yen)) }
    #expect(throws: mixed) { try Money(1, .cny).subtracting(Money(1, yen)) }
    #expect(throws: mixed) { try Money(1, .cny).isLess(than: Money(1, yen)) }
    #expect(throws: mixed) { try Money.sum([Money(1, .cny), Money(1, yen)], in: .cny) }
  }

  @Test(arguments: [
    ("CNY", "5307.27", 530_727), ("CNY", "-0.05", -5), ("CNY", "0.00", 0), ("JPY", "1000", 1_000),
    ("KWD", "1.005", 1_005),
    ("CNY", "92233720368547758.07", Int64.max), ("CNY", "-92233720368547758.08", Int64.min),
  ])
  func decimalNotation(code: String, text: String, minorUnits: Int64) throws {
    let money = try Money(minorUnits: minorUnits, currencyCode: code)
    #expect(money.decimalString == text)
    #expect(try Money(decimal: text, Currency(code)) == money)
  }

  @Test func shorterDecimalsAreRead() throws {
    #expect(try Money(decimal: "12", .cny).minorUnits == 1_200)
    #expect(try Money(decimal: "12.5", .cny).minorUnits == 1_250)
    #expect(try Money(decimal: "-007", .cny).minorUnits == -700)
  }

  @Test(arguments: ["", "-", ".", "1.", ".5", "1.005", "1,000", "1e3", "+1", "1.0.0", " 1", "--1", "１"])
  func malformedDecimals(text: String) {
    #expect(throws: MoneyError.malformedAmount(text)) { try Money(decimal: text, .cny) }
  }

  @Test func hugeDecimalsOverflow() throws {
    #expect(throws: MoneyError.overflow) { try Money(decimal: "92233720368547758.08", .cny) }
    let yen = try Currency("JPY")
    #expect(throws: MoneyError.malformedAmount("1.0")) { try Money(decimal: "1.0", yen) }
  }

  @Test func ratesPrintAsPercent() throws {
    #expect(Rate(e8: 4_350_000).description == "4.35 %")
    #expect(Rate(e8: -1).description == "-0.000001 %")
    #expect(try Rate(basisPoints: 490).e8 == 4_900_000)
    #expect(throws: RateError.overflow) { try Rate(basisPoints: .max) }
    #expect(throws: RateError.overflow) { try Rate(e8: .max).adding(Rate(e8: 1)) }
    // A penalty of +50 % on 4.35 %.
    #expect(try Rate(e8: 4_350_000).multiplied(by: 150, over: 100, rounding: .halfUp).e8 == 6_525_000)
    #expect(
      try Money(1_000_000, .cny).multiplied(by: Rate(e8: 4_350_000), rounding: Rounding(.halfUp)).minorUnits == 43_500
    )
  }
}
