import FinancialMath
import Ledger
import Testing

@Suite struct JournalEntryTests {
  let cash = Account(id: "cash", type: .asset)
  let capital = Account(id: "capital", type: .equity)

  private func cny(_ minorUnits: Int64) -> Money { Money(minorUnits, .cny) }

  @Test(arguments: [
    (AccountType.asset, Side.debit), (.expense, .debit), (.liability, .credit), (.equity, .credit), (.income, .credit),
  ])
  func normalSides(type: AccountType, side: Side) {
    #expect(type.normalSide == side)
    #expect(Account(id: "x", type: type).normalSide == side)
    #expect(Account(id: "x", type: type, isContra: true).normalSide == side.opposite)
  }

  @Test func unbalancedEntriesNameTheDifference() throws {
    let error = #expect(throws: LedgerError.self) {
      try JournalEntry([Posting(.debit, cash, cny(100)), Posting(.credit, capital, cny(99))])
    }
    #expect(error == .unbalancedEntry(.cny, debitsMinusCreditsMinorUnits: 1))
    #expect(error?.reason == "UNBALANCED_ENTRY")
    #expect(error?.description == "debits exceed credits by 1 minor units of CNY")
  }

  @Test func eachCurrencyBalancesAlone() throws {
    let yen = try Currency("JPY")
    let mixed = [Posting(.debit, cash, cny(100)), Posting(.credit, capital, Money(100, yen))]
    #expect(throws: LedgerError.unbalancedEntry(.cny, debitsMinusCreditsMinorUnits: 100)) { try JournalEntry(mixed) }
    let both = mixed + [Posting(.credit, capital, cny(100)), Posting(.debit, cash, Money(100, yen))]
    #expect(try JournalEntry(both).postings.count == 4)
  }

  @Test func postingsAreChecked() {
    #expect(throws: LedgerError.tooFewPostings(0)) { try JournalEntry([]) }
    #expect(throws: LedgerError.tooFewPostings(1)) { try JournalEntry([Posting(.debit, cash, cny(1))]) }
    for amount in [Int64(0), -5, .min] {
      #expect(throws: LedgerError.amountNotPositive(posting: 1, cny(amount))) {
        try JournalEntry([Posting(.debit, cash, cny(1)), Posting(.credit, capital, cny(amount))])
      }
    }
    let huge = Posting(.debit, cash, cny(.max))
    #expect(throws: LedgerError.unbalancedEntry(.cny, debitsMinusCreditsMinorUnits: Int128(Int64.max) * 2)) {
      try JournalEntry([huge, huge])
    }
  }

  @Test func reversalRestoresTheBalances() throws {
    let entry = try JournalEntry([Posting(.debit, cash, cny(100)), Posting(.credit, capital, cny(100))])
    var balances = Balances([entry])
    #expect(balances.balance(of: cash, in: .cny).net == MoneySum(100, .cny))
    #expect(balances.balance(of: capital, in: .cny).net == MoneySum(100, .cny))
    balances.apply(try entry.reversed())
    #expect(balances.balance(of: cash, in: .cny).net.isZero)
    #expect(balances.balance(of: capital, in: .cny).debits == MoneySum(100, .cny))
    #expect(try entry.reversed().reversed() == entry)
  }

  @Test func balancesAreWiderThanAmounts() throws {
    let entry = try JournalEntry([Posting(.debit, cash, cny(.max)), Posting(.credit, capital, cny(.max))])
    var balances = Balances([entry, entry, entry])
    let sum = MoneySum(3 * Int128(Int64.max), .cny)
    #expect(balances.balance(of: cash, in: .cny).net == sum)
    #expect(balances.balance(of: capital, in: .cny).credits == sum)
    #expect(sum.description == "CNY 276701161105643274.21")
    balances.apply(try entry.reversed())
    #expect(balances.balance(of: cash, in: .cny).net == MoneySum(2 * Int128(Int64.max), .cny))
    #expect(balances.balance(of: cash, in: .cny).debits == sum)
    #expect(balances.trialBalance == [.cny: 0])
  }
}
