import FinancialMath

/// One line of an entry: a positive amount on one side of one account.
public struct Posting: Sendable, Hashable {
  public let account: Account
  public let side: Side
  /// Positive; the side carries the sign.
  public let amount: Money

  public init(_ side: Side, _ account: Account, _ amount: Money) {
    self.account = account
    self.side = side
    self.amount = amount
  }
}

/// Postings that are all or nothing, and balanced in each currency.
public struct JournalEntry: Sendable, Hashable {
  public let postings: [Posting]

  /// - Throws: `LedgerError`; an entry that exists is balanced.
  public init(_ postings: [Posting]) throws(LedgerError) {
    guard postings.count >= 2 else { throw .tooFewPostings(postings.count) }
    var difference: [Currency: Int128] = [:]
    for (index, posting) in postings.enumerated() {
      guard posting.amount.isPositive else { throw .amountNotPositive(posting: index, posting.amount) }
      let amount = Int128(posting.amount.minorUnits)
      difference[posting.amount.currency, default: 0] += posting.side == .debit ? amount : -amount
    }
    // The first by code, so that the same entry always gives the same error.
    for (currency, value) in difference.sorted(by: { $0.key.code < $1.key.code }) where value != 0 {
      throw .unbalancedEntry(currency, debitsMinusCreditsMinorUnits: value)
    }
    self.postings = postings
  }

  /// The entry that undoes this one: the same postings on the other sides.
  public func reversed() throws(LedgerError) -> JournalEntry {
    try JournalEntry(postings.map { Posting($0.side.opposite, $0.account, $0.amount) })
  }
}

/// Why something cannot be booked.
public enum LedgerError: Error, Sendable, Hashable, CustomStringConvertible {
  case tooFewPostings(Int)
  case amountNotPositive(posting: Int, Money)
  case unbalancedEntry(Currency, debitsMinusCreditsMinorUnits: Int128)
  /// A part of a recipe is negative.
  case negativePart(String, Money)
  /// A recipe has nothing to book.
  case nothingToPost
  case money(MoneyError)

  /// For google.rpc.ErrorInfo.
  public var reason: String {
    switch self {
    case .unbalancedEntry: "UNBALANCED_ENTRY"
    case .tooFewPostings, .amountNotPositive, .negativePart, .nothingToPost: "INVALID_ENTRY"
    case .money: "INVALID_AMOUNT"
    }
  }

  public var description: String {
    switch self {
    case .tooFewPostings(let count): "an entry has at least two postings, not \(count)"
    case .amountNotPositive(let posting, let amount):
      "postings[\(posting)].amount must be positive, not \(amount); the side carries the sign"
    case .unbalancedEntry(let currency, let difference):
      difference > 0
        ? "debits exceed credits by \(difference) minor units of \(currency.code)"
        : "credits exceed debits by \(-difference) minor units of \(currency.code)"
    case .negativePart(let name, let amount): "\(name) must not be negative, but is \(amount)"
    case .nothingToPost: "all parts are zero; there is nothing to book"
    case .money(let error): error.description
    }
  }
}
