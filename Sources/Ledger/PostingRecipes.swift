import FinancialMath

/// The accounts that the events of one loan touch.
public struct LoanAccounts: Sendable, Hashable {
  public var principal: Account
  public var interestReceivable: Account
  /// Accrued interest of a non-performing loan, kept out of income.
  public var interestSuspense: Account
  public var clearing: Account
  /// Money of the borrower in excess of what is due.
  public var borrowerDeposit: Account
  public var interestIncome: Account
  public var feeIncome: Account
  public var penaltyIncome: Account
  public var recoveryIncome: Account
  public var provisionExpense: Account
  public var allowance: Account

  /// Accounts of a loan under its resource name; what the loans share has one account each.
  public init(loan: String) {
    principal = Account(id: "\(loan)/principal", type: .asset)
    interestReceivable = Account(id: "\(loan)/interest-receivable", type: .asset)
    interestSuspense = Account(id: "\(loan)/interest-suspense", type: .asset, isContra: true)
    borrowerDeposit = Account(id: "\(loan)/deposit", type: .liability)
    clearing = Account(id: "clearing", type: .asset)
    interestIncome = Account(id: "income/interest", type: .income)
    feeIncome = Account(id: "income/fee", type: .income)
    penaltyIncome = Account(id: "income/penalty", type: .income)
    recoveryIncome = Account(id: "income/recovery", type: .income)
    provisionExpense = Account(id: "expense/provision", type: .expense)
    allowance = Account(id: "\(loan)/allowance", type: .asset, isContra: true)
  }
}

/// The parts of a receipt after its allocation. Each is at least zero.
public struct ReceiptParts: Sendable, Hashable {
  public var penalty: Money
  public var fee: Money
  public var interest: Money
  public var principal: Money
  /// In advance, or to be refunded.
  public var excess: Money

  public init(penalty: Money, fee: Money, interest: Money, principal: Money, excess: Money) {
    self.penalty = penalty
    self.fee = fee
    self.interest = interest
    self.principal = principal
    self.excess = excess
  }
}

/// What each event of a loan books.
extension LoanAccounts {
  /// Dr principal, Cr clearing; a fee withheld: Dr clearing, Cr fee income.
  public func disbursement(_ amount: Money, fee: Money? = nil) throws(LedgerError) -> JournalEntry {
    let fee = fee ?? .zero(amount.currency)
    return try entry([
      ("principal", .debit, principal, amount), ("principal", .credit, clearing, amount),
      ("fee", .debit, clearing, fee), ("fee", .credit, feeIncome, fee),
    ])
  }

  /// Dr clearing for the whole receipt, Cr each part. Interest was accrued before and reduces the receivable.
  public func receipt(_ parts: ReceiptParts) throws(LedgerError) -> JournalEntry {
    let total: Money
    do throws(MoneyError) {
      total = try Money.sum(
        [parts.penalty, parts.fee, parts.interest, parts.principal, parts.excess],
        in: parts.principal.currency
      )
    } catch {
      throw .money(error)
    }
    // The parts first: their names make the better error.
    let credits: [Part] = [
      ("penalty", .credit, penaltyIncome, parts.penalty), ("fee", .credit, feeIncome, parts.fee),
      ("interest", .credit, interestReceivable, parts.interest), ("principal", .credit, principal, parts.principal),
      ("excess", .credit, borrowerDeposit, parts.excess),
    ]
    return try entry(credits + [("receipt", .debit, clearing, total)])
  }

  /// Dr interest receivable, Cr interest income; into suspense instead of income when the loan is non-performing.
  public func interestAccrual(_ amount: Money, isNonPerforming: Bool = false) throws(LedgerError) -> JournalEntry {
    try entry([
      ("interest", .debit, interestReceivable, amount),
      ("interest", .credit, isNonPerforming ? interestSuspense : interestIncome, amount),
    ])
  }

  /// Interest already taken as income moves to suspense when the loan becomes non-performing.
  public func interestToSuspense(_ amount: Money) throws(LedgerError) -> JournalEntry {
    try entry([("interest", .debit, interestIncome, amount), ("interest", .credit, interestSuspense, amount)])
  }

  /// Dr expense, Cr allowance.
  public func provision(_ amount: Money) throws(LedgerError) -> JournalEntry {
    try entry([("provision", .debit, provisionExpense, amount), ("provision", .credit, allowance, amount)])
  }

  /// Dr allowance, Cr principal.
  public func writeOff(_ amount: Money) throws(LedgerError) -> JournalEntry {
    try entry([("principal", .debit, allowance, amount), ("principal", .credit, principal, amount)])
  }

  /// Dr clearing, Cr recovery income: money on a loan written off.
  public func recovery(_ amount: Money) throws(LedgerError) -> JournalEntry {
    try entry([("recovery", .debit, clearing, amount), ("recovery", .credit, recoveryIncome, amount)])
  }

  private typealias Part = (name: String, side: Side, account: Account, amount: Money)

  /// Parts of zero are left out.
  private func entry(_ parts: [Part]) throws(LedgerError) -> JournalEntry {
    var postings: [Posting] = []
    for part in parts {
      guard !part.amount.isNegative else { throw .negativePart(part.name, part.amount) }
      if part.amount.isPositive { postings.append(Posting(part.side, part.account, part.amount)) }
    }
    guard !postings.isEmpty else { throw .nothingToPost }
    return try JournalEntry(postings)
  }
}
