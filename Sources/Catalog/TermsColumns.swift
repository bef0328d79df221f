import Contracts
import FinancialMath
import RPC
import Store
import Terms

/// The columns that a product and its versions share: the terms.
enum TermsColumns {
  /// The units of a payment frequency in the table.
  private static let month = "MONTH"
  private static let day = "DAY"

  private static let list = [
    "display_name", "annual_rate_e8", "min_installment_count", "max_installment_count", "currency_code",
    "min_amount_minor_units", "max_amount_minor_units", "repayment_method", "day_count", "rounding_mode",
    "rounding_multiple_of", "frequency_unit", "frequency_count", "jurisdiction", "lender_class",
  ]

  static let names = list.joined(separator: ", ")
  /// What an insertion that finds the row there already sets.
  static let assignments = list.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")

  /// The unit and count of a product's frequency.
  static func frequency(of product: CatalogV1.Product) -> (unit: String?, count: Int32?) {
    switch product.frequency?.frequency {
    case .everyMonths(let months): (month, months)
    case .everyDays(let days): (day, days)
    case nil: (nil, nil)
    }
  }

  /// Reads the columns of the names, the first of them at `start`.
  static func read(_ row: borrowing Row, from start: Int, into product: inout CatalogV1.Product) throws {
    let currency: String = try row[start + 4]
    let count: Int32 = try row[start + 12]
    product.displayName = try row[start]
    product.annualRateE8 = try row[start + 1]
    product.minInstallmentCount = try row[start + 2]
    product.maxInstallmentCount = try row[start + 3]
    product.minAmount = TypeV1.Money(currencyCode: currency, minorUnits: try row[start + 5])
    product.maxAmount = TypeV1.Money(currencyCode: currency, minorUnits: try row[start + 6])
    product.repaymentMethod = TypeV1.RepaymentMethod(valueName: try row[start + 7]) ?? .unspecified
    product.dayCount = TypeV1.DayCount(valueName: try row[start + 8]) ?? .unspecified
    product.rounding = TypeV1.Rounding(
      mode: TypeV1.RoundingMode(valueName: try row[start + 9]) ?? .unspecified, multipleOf: try row[start + 10])
    product.frequency = TypeV1.PaymentFrequency(
      frequency: (try row[start + 11] as String) == month ? .everyMonths(count) : .everyDays(count))
    product.jurisdiction = try row[start + 13]
    product.lenderClass = try row[start + 14]
  }
}
