/// A sum of amounts of one currency, in 128 bits of minor units: with fewer than 2^64 amounts it cannot overflow, however
/// large each of them is.
public struct MoneySum: Sendable, Hashable, CustomStringConvertible {
  public let currency: Currency
  /// The sum in minor units.
  public let minorUnits: Int128

  public init(_ minorUnits: Int128, _ currency: Currency) {
    self.currency = currency
    self.minorUnits = minorUnits
  }

  public init(_ amount: Money) { self.init(Int128(amount.minorUnits), amount.currency) }

  public static func zero(_ currency: Currency) -> MoneySum { MoneySum(0, currency) }

  /// The sum of amounts that must all be in `currency`; zero for none.
  ///
  /// - Throws: `MoneyError.mixedCurrencies`.
  public init(of amounts: some Sequence<Money>, in currency: Currency) throws(MoneyError) {
    var total: Int128 = 0
    for amount in amounts {
      guard amount.currency == currency else { throw .mixedCurrencies(currency, amount.currency) }
      total += Int128(amount.minorUnits)
    }
    self.init(total, currency)
  }

  public var isZero: Bool { minorUnits == 0 }
  public var isPositive: Bool { minorUnits > 0 }

  /// The code and the sum with the currency's decimals, for people: `CNY 5307.27`.
  public var description: String { "\(currency.code) \(decimalString)" }

  /// The sum with exactly the currency's decimals: `5307.27`, `-0.05`; no decimal point for JPY.
  public var decimalString: String {
    let digits = String(minorUnits.magnitude)
    let sign = minorUnits < 0 ? "-" : ""
    let decimals = Int(currency.decimals)
    guard decimals > 0 else { return sign + digits }
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }
}
