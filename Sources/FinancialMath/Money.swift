/// An amount in minor units of one currency. Arithmetic is checked: nothing wraps and currencies never mix silently.
public struct Money: Sendable, Hashable, CustomStringConvertible {
  public let currency: Currency
  /// The amount in minor units: fen for CNY, yen for JPY, fils for KWD.
  public let minorUnits: Int64

  public init(_ minorUnits: Int64, _ currency: Currency) {
    self.currency = currency
    self.minorUnits = minorUnits
  }

  /// - Throws: `MoneyError.unknownCurrency` unless the code is listed in ISO 4217.
  public init(minorUnits: Int64, currencyCode: String) throws(MoneyError) {
    self.init(minorUnits, try Currency(currencyCode))
  }

  public static func zero(_ currency: Currency) -> Money { Money(0, currency) }

  public var isZero: Bool { minorUnits == 0 }
  public var isNegative: Bool { minorUnits < 0 }
  public var isPositive: Bool { minorUnits > 0 }

  /// The code and the amount with the currency's decimals, for people: `CNY 5307.27`.
  public var description: String { "\(currency.code) \(decimalString)" }

  /// The amount with exactly the currency's decimals: `5307.27`, `-0.05`; no decimal point for JPY.
  public var decimalString: String { MoneySum(self).decimalString }
}

/// Why an amount could not be computed.
public enum MoneyError: Error, Sendable, Hashable, CustomStringConvertible {
  case unknownCurrency(String)
  case mixedCurrencies(Currency, Currency)
  /// The result is beyond 64 bits of minor units.
  case overflow
  /// The text is no decimal number with at most the currency's decimals.
  case malformedAmount(String)

  public var description: String {
    switch self {
    case .unknownCurrency(let code): "\"\(code)\" is not an ISO 4217 currency with a minor unit"
    case .mixedCurrencies(let left, let right): "amounts in \(left.code) and \(right.code) do not add up"
    case .overflow: "the amount does not fit in 64 bits of minor units"
    case .malformedAmount(let text): "\"\(text)\" is not an amount in this currency"
    }
  }
}

extension Money {
  public func adding(_ other: Money) throws(MoneyError) -> Money {
    try requireSameCurrency(other)
    return try Money.checked(minorUnits.addingReportingOverflow(other.minorUnits), currency)
  }

  public func subtracting(_ other: Money) throws(MoneyError) -> Money {
    try requireSameCurrency(other)
    return try Money.checked(minorUnits.subtractingReportingOverflow(other.minorUnits), currency)
  }

  public func negated() throws(MoneyError) -> Money { try Money.zero(currency).subtracting(self) }

  public func multiplied(by factor: Int64) throws(MoneyError) -> Money {
    try Money.checked(minorUnits.multipliedReportingOverflow(by: factor), currency)
  }

  /// `self × numerator / denominator`, exact until the one rounding at the end.
  public func multiplied(
    by numerator: Int64,
    over denominator: Int64,
    rounding: Rounding
  ) throws(RoundingError) -> Money {
    let product = Int128(minorUnits) * Int128(numerator)  // 64 × 64 bits always fit
    return Money(try rounding.quotient(product, Int128(denominator)), currency)
  }

  /// The amount times a rate, for instance a one-off fee.
  public func multiplied(by rate: Rate, rounding: Rounding) throws(RoundingError) -> Money {
    try multiplied(by: rate.e8, over: Rate.unitsPerOne, rounding: rounding)
  }

  public func isLess(than other: Money) throws(MoneyError) -> Bool {
    try requireSameCurrency(other)
    return minorUnits < other.minorUnits
  }

  /// The smaller of two amounts of one currency.
  public func lesser(_ other: Money) throws(MoneyError) -> Money { try isLess(than: other) ? self : other }

  /// The sum of amounts that must all be in `currency`; zero for none. The order does not matter, even near the limits.
  public static func sum(_ amounts: some Sequence<Money>, in currency: Currency) throws(MoneyError) -> Money {
    let total = try MoneySum(of: amounts, in: currency)
    guard let minorUnits = Int64(exactly: total.minorUnits) else { throw .overflow }
    return Money(minorUnits, currency)
  }

  /// Reads plain decimal notation such as `-1234.5`; no exponent, no grouping, no more decimals than the currency has.
  public init(decimal text: String, _ currency: Currency) throws(MoneyError) {
    let malformed = MoneyError.malformedAmount(String(text.prefix(40)))
    var bytes = text.utf8[...]
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative { bytes = bytes.dropFirst() }
    var units: Int64 = 0
    var digits = 0
    var decimals: Int?
    for byte in bytes {
      if byte == UInt8(ascii: "."), decimals == nil, digits > 0, currency.decimals > 0 {
        decimals = 0
        continue
      }
      guard byte >= 0x30, byte <= 0x39, decimals ?? 0 < Int(currency.decimals) || decimals == nil else {
        throw malformed
      }
      digits += 1
      decimals = decimals.map { $0 + 1 }
      units = try Money.appending(Int64(byte - 0x30), to: units, isNegative: isNegative)
    }
    guard digits > 0, decimals != 0 else { throw malformed }
    for _ in (decimals ?? 0)..<Int(currency.decimals) {
      units = try Money.appending(0, to: units, isNegative: isNegative)
    }
    self.init(units, currency)
  }

  private static func appending(_ digit: Int64, to units: Int64, isNegative: Bool) throws(MoneyError) -> Int64 {
    let (shifted, overflow) = units.multipliedReportingOverflow(by: 10)
    let (sum, carry) = isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
    guard !overflow, !carry else { throw .overflow }
    return sum
  }

  private func requireSameCurrency(_ other: Money) throws(MoneyError) {
    guard currency == other.currency else { throw .mixedCurrencies(currency, other.currency) }
  }

  private static func checked(
    _ result: (partialValue: Int64, overflow: Bool),
    _ currency: Currency
  ) throws(MoneyError) -> Money {
    guard !result.overflow else { throw .overflow }
    return Money(result.partialValue, currency)
  }
}
