import Contracts
import FinancialMath
import Lifecycle
import RPC
import Store
import Terms

extension LedgerV1.ListEntriesRequest: ListRequest {}

/// The double-entry books, for reading; `Journal` writes them.
public struct LedgerService: LedgerV1.LedgerService {
  private let store: Store

  public init(store: Store) {
    self.store = store
  }

  public func getTrialBalance(
    _ request: LedgerV1.GetTrialBalanceRequest, _ call: Call
  ) async throws -> LedgerV1.TrialBalance {
    let (balances, sequence) = try await store.scan { connection in
      (try LedgerTables.balances(connection), try LedgerTables.lastSequence(connection))
    }
    var totals: [LedgerV1.TrialBalance.Total] = []
    for (currency, held) in Dictionary(grouping: balances, by: \.currency).sorted(by: { $0.key.code < $1.key.code }) {
      let sum = { (side: KeyPath<Balance, MoneySum>) in
        MoneySum(held.reduce(0) { $0 + $1[keyPath: side].minorUnits }, currency)
      }
      let (debits, credits) = (sum(\.debits), sum(\.credits))
      totals.append(
        LedgerV1.TrialBalance.Total(
          debits: debits.nearestAmount, credits: credits.nearestAmount, exactDebits: debits.message,
          exactCredits: credits.message))
    }
    return LedgerV1.TrialBalance(accounts: balances.map(\.message), totals: totals, sequence: sequence)
  }

  public func getBalance(
    _ request: LedgerV1.GetBalanceRequest, _ call: Call
  ) async throws -> LedgerV1.AccountBalance {
    let account = try ResourceName.id(request.account, in: LedgerTables.accounts, field: "account")
    let currency: Currency
    do throws(MoneyError) {
      currency = try Currency(request.currencyCode)
    } catch {
      throw RPCError.invalidArgument(field: "currency_code", "\(error)")
    }
    let balance = try store.read { try LedgerTables.balance(of: account, in: currency, $0) }
    guard let balance else { throw RPCError.notFound(request.account, type: LedgerTables.accounts) }
    return balance.message
  }

  public func listEntries(
    _ request: LedgerV1.ListEntriesRequest, _ call: Call
  ) async throws -> LedgerV1.ListEntriesResponse {
    let subject = request.subject.isEmpty ? nil : request.subject
    let (entries, next) = try await store.list(request, call, by: \.sequence) { after, limit, connection in
      try LedgerTables.page(after: after, limit: limit, subject: subject, connection)
    }
    return LedgerV1.ListEntriesResponse(entries: entries, nextPageToken: next)
  }
}
