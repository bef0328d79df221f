import FinancialMath

/// The sums of everything posted to one account in one currency. They are wider than one amount, so that no posting takes
/// an account out of service.
public struct Balance: Sendable, Hashable {
  public let account: Account
  public private(set) var debits: MoneySum
  public private(set) var credits: MoneySum

  /// - Parameters:
  ///   - debits: in the currency of the balance.
  ///   - credits: in the same currency.
  init(account: Account, debits: MoneySum, credits: MoneySum) {
    self.account = account
    self.debits = debits
    self.credits = credits
  }

  /// The balance of an account to which nothing was posted.
  public init(of account: Account, in currency: Currency) {
    self.init(account: account, debits: .zero(currency), credits: .zero(currency))
  }

  public var currency: Currency { debits.currency }

  /// On the account's normal side; negative when the other side is larger.
  public var net: MoneySum {
    let difference = debits.minorUnits - credits.minorUnits
    return MoneySum(account.normalSide == .debit ? difference : -difference, currency)
  }

  /// Adds a posting to the account, in the balance's currency.
  mutating func apply(_ posting: Posting) {
    let amount = Int128(posting.amount.minorUnits)
    switch posting.side {
    case .debit: debits = MoneySum(debits.minorUnits + amount, currency)
    case .credit: credits = MoneySum(credits.minorUnits + amount, currency)
    }
  }
}

/// Balances by replay of entries. Fold it over the entries up to a sequence number or a time to see that moment.
public struct Balances: Sendable, Hashable {
  private struct Key: Hashable {
    var account: Account
    var currency: Currency
  }

  private var balances: [Key: Balance] = [:]

  public init() {}

  public init(_ entries: some Sequence<JournalEntry>) {
    for entry in entries { apply(entry) }
  }

  public mutating func apply(_ entry: JournalEntry) {
    for posting in entry.postings {
      let currency = posting.amount.currency
      balances[
        Key(account: posting.account, currency: currency), default: Balance(of: posting.account, in: currency)
      ].apply(posting)
    }
  }

  /// The balance of an account; zero when nothing was posted.
  public func balance(of account: Account, in currency: Currency) -> Balance {
    balances[Key(account: account, currency: currency)] ?? Balance(of: account, in: currency)
  }

  /// Debits − credits over all accounts, in minor units of each currency; zero always.
  public var trialBalance: [Currency: Int128] {
    balances.values.reduce(into: [:]) {
      $0[$1.currency, default: 0] += $1.debits.minorUnits - $1.credits.minorUnits
    }
  }
}
