/// Every limit of the financing domain, with its unit in its name.
public struct FinancingLimits: Sendable, Encodable {
  /// The limits that are in force.
  public static let standard = FinancingLimits()

  /// Offers or loans that one unit of work of a day's close takes at most, so that other work gets its turn.
  public var closeBatchCount = 200
  /// The largest overpayment of a loan, in multiples of everything that its schedule asks for, unless the caller says that
  /// the amount is meant: money that comes twice passes, an amount with digits too many does not.
  public var maxOverpaymentPerSchedule = 1
  /// Days by which a disbursement may precede the business date: five years, for loans that are entered late or taken over.
  public var maxDisbursementAgeDays = 1_830
  /// Days for which an offer stands when the decision does not say.
  public var defaultOfferDays = 30
  /// Days for which an offer may stand.
  public var maxOfferDays = 366
  /// Days for which an authorization of credit queries may be live.
  public var maxCreditAuthorizationDays = 3_660
}
