import FinancialMath

/// What was posted to one account in one currency.
public struct Balance: Sendable, Hashable {
  public let account: Account
  public let debits: Money
  public let credits: Money
  /// On the account's normal side; negative when the other side is larger.
  public let net: Money
}

/// Balances by replay of entries. Fold it over the entries up to a sequence number or a time to see that moment.
public struct Balances: Sendable, Hashable {
  private struct Key: Hashable {
    var account: Account
    var currency: Currency
  }

  private struct Sums: Hashable {
    var debits: Int128 = 0
    var credits: Int128 = 0
  }

  private var sums: [Key: Sums] = [:]

  public init() {}

  public init(_ entries: some Sequence<JournalEntry>) {
    for entry in entries { apply(entry) }
  }

  /// Wide sums cannot overflow: only reading a balance can find that it does not fit.
  public mutating func apply(_ entry: JournalEntry) {
    for posting in entry.postings {
      let amount = Int128(posting.amount.minorUnits)
      let key = Key(account: posting.account, currency: posting.amount.currency)
      switch posting.side {
      case .debit: sums[key, default: Sums()].debits += amount
      case .credit: sums[key, default: Sums()].credits += amount
      }
    }
  }

  /// The balance of an account; zero when nothing was posted.
  public func balance(of account: Account, in currency: Currency) throws(LedgerError) -> Balance {
    let sums = sums[Key(account: account, currency: currency)] ?? Sums()
    let net = account.normalSide == .debit ? sums.debits - sums.credits : sums.credits - sums.debits
    guard let debits = Int64(exactly: sums.debits), let credits = Int64(exactly: sums.credits),
      let netMinorUnits = Int64(exactly: net)
    else { throw .balanceOverflow(account: account.id, currency) }
    return Balance(
      account: account,
      debits: Money(debits, currency),
      credits: Money(credits, currency),
      net: Money(netMinorUnits, currency)
    )
  }

  /// Debits − credits over all accounts, in minor units a currency; zero always.
  public var trialBalance: [Currency: Int128] {
    sums.reduce(into: [:]) { $0[$1.key.currency, default: 0] += $1.value.debits - $1.value.credits }
  }
}
