import Catalog
import Contracts
import Enterprise
import FinancialMath
import Identity
import RPC
import Store
import Terms

/// What an application must bring: when it is drafted, and when it is submitted.
enum Submission {
  /// What a draft holds of a request; the rest is the server's to set.
  ///
  /// - Throws: INVALID_ARGUMENT naming every field at fault.
  static func draft(_ request: FinancingV1.Application?) throws(RPCError) -> FinancingV1.Application {
    let request = request ?? FinancingV1.Application()
    var violations = Violations()
    let amount = violations.take { () throws(RPCError) in
      try Money.requested(request.amount, field: "application.amount")
    }
    for (field, name) in [("enterprise", request.enterprise), ("product", request.product)] {
      _ = violations.take { () throws(RPCError) in
        try ResourceName.id(name, in: "\(field)s", field: "application.\(field)")
      }
    }
    guard violations.isEmpty, let amount else { throw violations.error }
    return FinancingV1.Application(
      enterprise: request.enterprise, product: request.product, amount: amount.message,
      installmentCount: request.installmentCount, purpose: request.purpose)
  }

  /// The guard of DRAFT to SUBMITTED.
  ///
  /// - Throws: INVALID_ARGUMENT for an authorization that would be live too long; FAILED_PRECONDITION, with reason
  ///   ENTERPRISE_NOT_VERIFIED, PRODUCT_NOT_PUBLISHED, LIMIT_EXCEEDED (naming
  ///   the fields) or AUTHORIZATION_MISSING.
  static func check(
    _ application: FinancingV1.Application, _ enterprise: EnterpriseV1.Enterprise, _ product: CatalogV1.Product,
    _ authorization: FinancingV1.CreditAuthorization?, now: Timestamp
  ) throws {
    guard enterprise.state == .verified else {
      throw RPCError.failedPrecondition(
        reason: "ENTERPRISE_NOT_VERIFIED", message: "\(enterprise.name) is \(enterprise.state.valueName ?? "?")",
        subject: enterprise.name)
    }
    guard product.state == .published else {
      throw RPCError.failedPrecondition(
        reason: "PRODUCT_NOT_PUBLISHED", message: "\(product.name) is \(product.state.valueName ?? "?")",
        subject: product.name)
    }
    try checkLimits(application, ProductTerms(product), product.name)
    let expireTime = try authorization?.expireTime.map {
      try Timestamp.end(
        $0, field: "credit_authorization.expire_time",
        within: FinancingLimits.standard.maxCreditAuthorizationDays, of: now)
    }
    guard let authorization, let expireTime, !authorization.scope.isEmpty, !authorization.purpose.isEmpty,
      expireTime > now
    else {
      throw RPCError.failedPrecondition(
        reason: "AUTHORIZATION_MISSING",
        message: "credit_authorization needs a scope, a purpose and an expire_time in the future",
        metadata: ["field": "credit_authorization"], subject: application.name)
    }
  }

  private static func checkLimits(
    _ application: FinancingV1.Application, _ terms: ProductTerms, _ product: String
  ) throws {
    let amount = try Money(application.amount, field: "amount")
    var faults: [(field: String, message: String)] = []
    if amount.currency != terms.minAmount.currency {
      faults.append(("amount.currency_code", "\(product) lends \(terms.minAmount.currency), not \(amount.currency)"))
    } else if amount.minorUnits < terms.minAmount.minorUnits || amount.minorUnits > terms.maxAmount.minorUnits {
      faults.append(("amount", "\(amount) is outside \(terms.minAmount) to \(terms.maxAmount)"))
    }
    if !terms.installmentCounts.contains(Int(application.installmentCount)) {
      let counts = terms.installmentCounts
      faults.append(
        (
          "installment_count",
          "\(application.installmentCount) is outside \(counts.lowerBound) to \(counts.upperBound)"
        ))
    }
    guard faults.isEmpty else { throw RPCError.limitExceeded(faults, subject: application.name) }
  }
}

extension RPCError {
  /// FAILED_PRECONDITION with reason LIMIT_EXCEEDED: terms beyond those of the product, by their fields.
  static func limitExceeded(_ faults: [(field: String, message: String)], subject: String) -> RPCError {
    .failedPrecondition(
      reason: "LIMIT_EXCEEDED",
      message: faults.map { "\($0.field): \($0.message)" }.joined(separator: "; "),
      metadata: ["fields": faults.map(\.field).joined(separator: ",")], subject: subject)
  }
}
