import FinancialMath

/// The accounts that the events of loans touch. Loans share them: what each one owes stands with the loan, and the sum
/// over all loans is the balance of `principal`, the control account.
public struct LoanAccounts: Sendable, Hashable {
  public var principal = Account(id: "loan-principal", type: .asset)
  public var interestReceivable = Account(id: "interest-receivable", type: .asset)
  /// Accrued interest of non-performing loans, kept out of income.
  public var interestSuspense = Account(id: "interest-suspense", type: .asset, isContra: true)
  public var clearing = Account(id: "clearing", type: .asset)
  /// Money of borrowers in excess of what is due.
  public var borrowerDeposit = Account(id: "borrower-deposits", type: .liability)
  public var interestIncome = Account(id: "interest-income", type: .income)
  public var feeIncome = Account(id: "fee-income", type: .income)
  public var penaltyIncome = Account(id: "penalty-income", type: .income)
  public var recoveryIncome = Account(id: "recovery-income", type: .income)
  public var provisionExpense = Account(id: "provision-expense", type: .expense)
  public var allowance = Account(id: "loan-loss-allowance", type: .asset, isContra: true)

  /// The chart of accounts of lending.
  public static let chart = LoanAccounts()
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

  /// A receipt whose interest was not accrued before: the accrual and the receipt in one entry.
  public func repayment(interest: Money, principal: Money, excess: Money) throws(LedgerError) -> JournalEntry {
    let nothing = Money.zero(principal.currency)
    let received = try receipt(
      ReceiptParts(penalty: nothing, fee: nothing, interest: interest, principal: principal, excess: excess))
    guard interest.isPositive else { return received }
    return try JournalEntry(try interestAccrual(interest).postings + received.postings)
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

  /// Unpaid interest becomes principal. It was not accrued before: Dr principal, Cr interest income; into suspense instead
  /// of income when the loan is non-performing.
  public func capitalization(_ amount: Money, isNonPerforming: Bool) throws(LedgerError) -> JournalEntry {
    try entry([
      ("interest", .debit, principal, amount),
      ("interest", .credit, isNonPerforming ? interestSuspense : interestIncome, amount),
    ])
  }

  /// Dr suspense, Cr interest income: interest in suspense has been paid.
  public func suspenseRelease(_ amount: Money) throws(LedgerError) -> JournalEntry {
    try entry([("interest", .debit, interestSuspense, amount), ("interest", .credit, interestIncome, amount)])
  }

  /// Dr expense, Cr allowance.
  public func provision(_ amount: Money) throws(LedgerError) -> JournalEntry {
    try entry([("provision", .debit, provisionExpense, amount), ("provision", .credit, allowance, amount)])
  }

  /// Dr allowance, Cr principal: a loss; and the part of the principal that is interest in suspense, which was never
  /// income and is none: Dr suspense, Cr principal.
  public func writeOff(_ loss: Money, suspended: Money? = nil) throws(LedgerError) -> JournalEntry {
    let suspended = suspended ?? .zero(loss.currency)
    return try entry([
      ("principal", .debit, allowance, loss), ("principal", .credit, principal, loss),
      ("suspended", .debit, interestSuspense, suspended), ("suspended", .credit, principal, suspended),
    ])
  }

  /// Dr clearing, Cr recovery income: money on a loan written off; what nothing is owed for, Cr borrower deposits.
  public func recovery(_ amount: Money, excess: Money? = nil) throws(LedgerError) -> JournalEntry {
    let excess = excess ?? .zero(amount.currency)
    return try entry([
      ("recovery", .debit, clearing, amount), ("recovery", .credit, recoveryIncome, amount),
      ("excess", .debit, clearing, excess), ("excess", .credit, borrowerDeposit, excess),
    ])
  }

  /// Dr borrower deposits, Cr clearing: an overpayment goes back.
  public func refund(_ amount: Money) throws(LedgerError) -> JournalEntry {
    try entry([("refund", .debit, borrowerDeposit, amount), ("refund", .credit, clearing, amount)])
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
