/// The kind of an account; decides which side increases it.
public enum AccountType: String, Sendable, Hashable, CaseIterable {
  case asset = "ASSET"
  case liability = "LIABILITY"
  case equity = "EQUITY"
  case income = "INCOME"
  case expense = "EXPENSE"

  /// The side that increases an account of this kind.
  public var normalSide: Side {
    switch self {
    case .asset, .expense: .debit
    case .liability, .equity, .income: .credit
    }
  }
}

/// The side of a posting.
public enum Side: String, Sendable, Hashable, CaseIterable {
  case debit = "DEBIT"
  case credit = "CREDIT"

  public var opposite: Side { self == .debit ? .credit : .debit }
}

/// An account of the chart.
public struct Account: Sendable, Hashable {
  /// Unique in the ledger, for instance `loans/L1/principal`.
  public let id: String
  public let type: AccountType
  /// A contra account grows on the other side: an allowance reduces an asset.
  public let isContra: Bool

  public init(id: String, type: AccountType, isContra: Bool = false) {
    self.id = id
    self.type = type
    self.isContra = isContra
  }

  /// The side that increases this account.
  public var normalSide: Side { isContra ? type.normalSide.opposite : type.normalSide }
}
