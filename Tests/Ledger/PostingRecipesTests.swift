import FinancialMath
import Ledger
import TestSupport
import Testing

@Suite struct PostingRecipesTests {
  let accounts = LoanAccounts.chart

  private func cny(_ minorUnits: Int64) -> Money { Money(minorUnits, .cny) }

  private func lines(_ entry: JournalEntry) -> [String] {
    entry.postings.map { "\($0.side == .debit ? "Dr" : "Cr") \($0.account.id) \($0.amount.minorUnits)" }
  }

  @Test func disbursement() throws {
    #expect(
      try lines(accounts.disbursement(cny(10_000), fee: cny(150))) == [
        "Dr loan-principal 10000", "Cr clearing 10000", "Dr clearing 150", "Cr fee-income 150",
      ]
    )
    #expect(try lines(accounts.disbursement(cny(10_000))) == ["Dr loan-principal 10000", "Cr clearing 10000"])
  }

  @Test func receipt() throws {
    let parts = ReceiptParts(penalty: cny(1), fee: cny(0), interest: cny(100), principal: cny(1_625), excess: cny(4))
    #expect(
      try lines(accounts.receipt(parts)) == [
        "Cr penalty-income 1", "Cr interest-receivable 100", "Cr loan-principal 1625",
        "Cr borrower-deposits 4", "Dr clearing 1730",
      ]
    )
  }

  @Test func theOtherEvents() throws {
    #expect(
      try lines(accounts.interestAccrual(cny(5))) == ["Dr interest-receivable 5", "Cr interest-income 5"]
    )
    #expect(
      try lines(accounts.interestAccrual(cny(5), isNonPerforming: true)) == [
        "Dr interest-receivable 5", "Cr interest-suspense 5",
      ]
    )
    #expect(
      try lines(accounts.interestToSuspense(cny(5))) == ["Dr interest-income 5", "Cr interest-suspense 5"]
    )
    #expect(try lines(accounts.provision(cny(5))) == ["Dr provision-expense 5", "Cr loan-loss-allowance 5"])
    #expect(try lines(accounts.writeOff(cny(5))) == ["Dr loan-loss-allowance 5", "Cr loan-principal 5"])
    #expect(
      try lines(accounts.writeOff(cny(5), suspended: cny(2))) == [
        "Dr loan-loss-allowance 5", "Cr loan-principal 5", "Dr interest-suspense 2", "Cr loan-principal 2",
      ]
    )
    #expect(
      try lines(accounts.capitalization(cny(5), isNonPerforming: false)) == [
        "Dr loan-principal 5", "Cr interest-income 5",
      ]
    )
    #expect(
      try lines(accounts.capitalization(cny(5), isNonPerforming: true)) == [
        "Dr loan-principal 5", "Cr interest-suspense 5",
      ]
    )
    #expect(try lines(accounts.suspenseRelease(cny(5))) == ["Dr interest-suspense 5", "Cr interest-income 5"])
    #expect(try lines(accounts.recovery(cny(5))) == ["Dr clearing 5", "Cr recovery-income 5"])
    #expect(
      try lines(accounts.recovery(cny(5), excess: cny(2))) == [
        "Dr clearing 5", "Cr recovery-income 5", "Dr clearing 2", "Cr borrower-deposits 2",
      ]
    )
    #expect(try lines(accounts.refund(cny(5))) == ["Dr borrower-deposits 5", "Cr clearing 5"])
  }

  @Test func partsAreChecked() throws {
    #expect(throws: LedgerError.nothingToPost) { try accounts.disbursement(cny(0)) }
    #expect(throws: LedgerError.negativePart("fee", cny(-1))) { try accounts.disbursement(cny(5), fee: cny(-1)) }
    let zero = cny(0)
    let overflow = ReceiptParts(penalty: cny(1), fee: zero, interest: zero, principal: cny(.max), excess: zero)
    #expect(throws: LedgerError.money(.overflow)) { try accounts.receipt(overflow) }
    let yen = try Currency("JPY")
    let mixed = ReceiptParts(penalty: Money(1, yen), fee: zero, interest: zero, principal: cny(1), excess: zero)
    #expect(throws: LedgerError.money(.mixedCurrencies(.cny, yen))) { try accounts.receipt(mixed) }
  }

  /// A loan's life at random: the trial balance stays zero and the principal account is what is outstanding.
  @Test func outstandingIsTheControlAccount() throws {
    var random = Seeded(5)
    for _ in 0..<50 {
      var outstanding = Int64.random(in: 1_000...1_000_000, using: &random)
      var balances = Balances([try accounts.disbursement(cny(outstanding), fee: cny(10))])
      for _ in 0..<20 {
        let interest = Int64.random(in: 1...50, using: &random)
        balances.apply(try accounts.interestAccrual(cny(interest)))
        let principal = Int64.random(in: 0...outstanding, using: &random)
        balances.apply(
          try accounts.receipt(
            ReceiptParts(
              penalty: cny(1),
              fee: cny(0),
              interest: cny(interest),
              principal: cny(principal),
              excess: cny(2)
            )
          )
        )
        outstanding -= principal
        #expect(balances.balance(of: accounts.principal, in: .cny).net == MoneySum(cny(outstanding)))
        #expect(balances.balance(of: accounts.interestReceivable, in: .cny).net.isZero)
        #expect(balances.trialBalance == [.cny: 0])
      }
    }
  }
}
