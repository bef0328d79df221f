import Contracts
import Lifecycle
import RPC
import Store

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
    for (code, ofCurrency) in Dictionary(grouping: balances, by: \.currencyCode).sorted(by: { $0.key < $1.key }) {
      totals.append(
        LedgerV1.TrialBalance.Total(
          debits: TypeV1.Money(currencyCode: code, minorUnits: try Self.sum(ofCurrency, \.debits)),
          credits: TypeV1.Money(currencyCode: code, minorUnits: try Self.sum(ofCurrency, \.credits))))
    }
    return LedgerV1.TrialBalance(
      accounts: try balances.map { try $0.message() }, totals: totals, sequence: sequence)
  }

  public func getBalance(
    _ request: LedgerV1.GetBalanceRequest, _ call: Call
  ) async throws -> LedgerV1.AccountBalance {
    let account = try ResourceName.id(request.account, in: LedgerTables.accounts, field: "account")
    let balance = try store.read { connection in
      try LedgerTables.balance(of: account, in: request.currencyCode, connection)
    }
    guard let balance else { throw RPCError.notFound(request.account, type: LedgerTables.accounts) }
    return try balance.message()
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

  private static func sum(
    _ balances: [LedgerTables.StoredBalance], _ side: KeyPath<LedgerTables.StoredBalance, Int64>
  ) throws -> Int64 {
    let total = balances.reduce(Int128(0)) { $0 + Int128($1[keyPath: side]) }
    guard let total = Int64(exactly: total) else {
      throw RPCError.failedPrecondition(reason: "BALANCE_OVERFLOW", message: "a total no longer fits in 64 bits")
    }
    return total
  }
}
