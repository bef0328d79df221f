import Catalog
import Contracts
import FinancialMath
import Lifecycle
import Protobuf
import RPC
import Schedule
import Store
import Terms

/// An offer: how it is made, accepted, and how it ends.
extension Change<ApplicationTables> {
  /// The offer that follows an approval, on the version of the product that was applied for, with the schedule as if it
  /// were paid out today and what that costs in a year.
  ///
  /// - Throws: INVALID_ARGUMENT for a rate or an expiry out of bounds; FAILED_PRECONDITION with reason RATE_CAP_EXCEEDED.
  func offer(_ request: FinancingV1.RecordDecisionRequest) throws -> FinancingV1.Offer {
    let product = try ProductVersionTables.load(body.productVersion, from: unit.connection).product
    let terms = try ProductTerms(product ?? CatalogV1.Product())
    let today = try unit.businessDate.civilDate
    let rate = request.annualRateE8 == 0 ? terms.annualRate : Rate(e8: request.annualRateE8)
    let cap = try checkRate(rate, of: product)
    let loan = terms.schedule(
      principal: try Money(body.amount, field: "amount"), annualRate: rate,
      installmentCount: Int(body.installmentCount), startDate: today)
    let schedule = try Schedule.compute(loan, prefix: "")
    let revision = (body.offer?.revision ?? 0) + 1
    let limits = FinancingLimits.standard
    let start = max(unit.now, today.start)
    let end =
      try request.offerExpireTime.map {
        try Timestamp.end($0, field: "offer_expire_time", within: limits.maxOfferDays, of: start)
      } ?? Timestamp(microseconds: start.microseconds + Int64(limits.defaultOfferDays) * 86_400_000_000)
    let offer = FinancingV1.Offer(
      revision: revision, annualRateE8: rate.e8, schedule: schedule.message(of: loan),
      expireTime: end.message,
      etag: Etag.tag(version: Int64(revision)), rateCap: cap?.name ?? "")
    guard !offer.hasEnded(at: unit.now, on: today) else {
      throw RPCError.invalidArgument(
        field: "offer_expire_time", "must be in the future, and not before the business date \(today)")
    }
    return offer
  }

  /// Accepts the offer with an etag; expires the application when the offer has ended, which the caller has to tell.
  ///
  /// - Throws: ABORTED when the offer is another one.
  mutating func acceptOffer(etag: String) throws {
    try check(to: .offerAccepted, by: .applicant)
    guard let offer = body.offer, offer.etag == etag else {
      throw RPCError.aborted("offer_etag is not the current offer's; read it again", reason: "ETAG_MISMATCH")
    }
    if try !expireOffer() { try move(to: .offerAccepted, by: .applicant) }
  }

  /// Expires the application if its offer has ended. Whether it did.
  mutating func expireOffer() throws -> Bool {
    guard let offer = body.offer, offer.hasEnded(at: unit.now, on: try unit.businessDate.civilDate) else {
      return false
    }
    try move(to: .expired, by: .clock)
    return true
  }
}

extension Change {
  /// Holds a rate to the cap in force for the lender of a product, which it returns, where there is one.
  ///
  /// - Throws: FAILED_PRECONDITION with reason RATE_CAP_EXCEEDED.
  func checkRate(_ rate: Rate, of product: CatalogV1.Product?) throws -> FinancingV1.RateCap? {
    let cap = try PolicyTables.cap(
      jurisdiction: product?.jurisdiction ?? "", lenderClass: product?.lenderClass ?? "",
      on: try unit.businessDate.civilDate, from: unit.connection)
    // There are no fees yet: the rate is all that the borrower pays.
    if let cap, rate.e8 > cap.maxAnnualRateE8 {
      throw RPCError.failedPrecondition(
        reason: "RATE_CAP_EXCEEDED",
        message: "\(rate) a year is above \(Rate(e8: cap.maxAnnualRateE8)), by \(cap.basis)",
        metadata: ["rate_cap": cap.name, "max_annual_rate_e8": "\(cap.maxAnnualRateE8)"], subject: body.name)
    }
    return cap
  }
}

extension FinancingV1.Offer {
  /// Whether it can no longer be accepted: its time has come, or the business day of its date is over.
  func hasEnded(at now: Timestamp, on businessDate: CivilDate) -> Bool {
    let end = Timestamp(expireTime)
    return end <= now || end < businessDate.start
  }
}

extension CivilDate {
  /// 1970-01-01, in days since 0001-01-01.
  private static let epochDayNumber = 719_162

  /// The day's first moment, in Coordinated Universal Time.
  var start: Timestamp {
    Timestamp(microseconds: Int64(dayNumber - Self.epochDayNumber) * 86_400_000_000)
  }
}
