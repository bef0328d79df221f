import Contracts
import FinancialMath
import RPC
import Schedule
import Terms

/// A product's terms as values to compute with.
public struct ProductTerms: Sendable, Hashable {
  public var annualRate: Rate
  public var installmentCounts: ClosedRange<Int>
  public var minAmount: Money
  public var maxAmount: Money
  public var method: RepaymentMethod
  public var dayCount: DayCount
  public var rounding: Rounding
  public var frequency: PaymentFrequency

  /// The terms of a product in a request or a row.
  ///
  /// - Throws: INVALID_ARGUMENT naming every field at fault.
  public init(_ product: CatalogV1.Product, prefix: String = "product.") throws {
    var violations = Violations()
    if !(0...ScheduleLimits.standard.maxAnnualRateE8).contains(product.annualRateE8) {
      violations.add("\(prefix)annual_rate_e8", "must be from 0 to \(ScheduleLimits.standard.maxAnnualRateE8)")
    }
    let least = Int(product.minInstallmentCount)
    let most = Int(product.maxInstallmentCount)
    if !(1...ScheduleLimits.standard.maxInstallmentCount).contains(least) {
      violations.add(
        "\(prefix)min_installment_count", "must be from 1 to \(ScheduleLimits.standard.maxInstallmentCount)")
    }
    if most < least || most > ScheduleLimits.standard.maxInstallmentCount {
      violations.add(
        "\(prefix)max_installment_count",
        "must be from min_installment_count to \(ScheduleLimits.standard.maxInstallmentCount)")
    }
    let minAmount = violations.take { () throws(RPCError) in
      try Money.requested(product.minAmount, field: "\(prefix)min_amount")
    }
    let maxAmount = violations.take { () throws(RPCError) in
      try Money.requested(product.maxAmount, field: "\(prefix)max_amount")
    }
    if let minAmount, let maxAmount {
      if minAmount.currency != maxAmount.currency {
        violations.add("\(prefix)max_amount.currency_code", "must be \(minAmount.currency), as in min_amount")
      } else if maxAmount.minorUnits < minAmount.minorUnits {
        violations.add("\(prefix)max_amount.minor_units", "must not be less than min_amount")
      }
    }
    let method = violations.take { () throws(RPCError) in
      try convention(product.repaymentMethod, as: RepaymentMethod.self, field: "\(prefix)repayment_method")
    }
    let dayCount = violations.take { () throws(RPCError) in
      try convention(product.dayCount, as: DayCount.self, field: "\(prefix)day_count")
    }
    let rounding = violations.take { () throws(RPCError) in
      try Rounding(product.rounding, field: "\(prefix)rounding")
    }
    let frequency = violations.take { () throws(RPCError) in
      try PaymentFrequency(product.frequency, field: "\(prefix)frequency")
    }
    guard violations.isEmpty, let minAmount, let maxAmount, let method, let dayCount, let rounding, let frequency else {
      throw violations.error
    }
    self.init(
      annualRate: Rate(e8: product.annualRateE8), installmentCounts: least...most, minAmount: minAmount,
      maxAmount: maxAmount, method: method, dayCount: dayCount, rounding: rounding, frequency: frequency)
  }

  init(
    annualRate: Rate, installmentCounts: ClosedRange<Int>, minAmount: Money, maxAmount: Money,
    method: RepaymentMethod, dayCount: DayCount, rounding: Rounding, frequency: PaymentFrequency
  ) {
    self.annualRate = annualRate
    self.installmentCounts = installmentCounts
    self.minAmount = minAmount
    self.maxAmount = maxAmount
    self.method = method
    self.dayCount = dayCount
    self.rounding = rounding
    self.frequency = frequency
  }

  /// The terms of a product in a request, which then says what it had left to the defaults.
  ///
  /// - Throws: INVALID_ARGUMENT naming every field at fault.
  @discardableResult
  static func complete(_ product: inout CatalogV1.Product) throws -> ProductTerms {
    let terms = try ProductTerms(product)
    product.rounding = TypeV1.Rounding(terms.rounding)
    product.frequency = terms.frequency.message
    return terms
  }

  /// A loan's terms under this product.
  public func schedule(
    principal: Money, annualRate: Rate, installmentCount: Int, startDate: CivilDate
  ) -> ScheduleTerms {
    ScheduleTerms(
      principal: principal, annualRate: annualRate, method: method, frequency: frequency, dayCount: dayCount,
      rounding: rounding, startDate: startDate, installmentCount: installmentCount)
  }

  /// Tries the schedules at the corners of the terms, where a product that cannot work shows it.
  ///
  /// - Throws: FAILED_PRECONDITION with reason PRODUCT_UNTESTABLE, saying which schedule cannot be computed and why.
  public func test(startDate: CivilDate) throws(RPCError) {
    for principal in [minAmount, maxAmount] {
      for count in [installmentCounts.lowerBound, installmentCounts.upperBound] {
        let terms = schedule(
          principal: principal, annualRate: annualRate, installmentCount: count, startDate: startDate)
        do throws(ScheduleError) {
          _ = try Schedule.compute(terms)
        } catch {
          throw .failedPrecondition(
            reason: "PRODUCT_UNTESTABLE",
            message: "no schedule for \(principal) in \(count) installments: \(error)")
        }
      }
    }
  }
}
