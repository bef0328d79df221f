import Contracts
import FinancialMath
import RPC
import Store
import Terms

/// Entries and balances in the database: the one place where rows become messages.
enum LedgerTables {
  static let accounts = "accounts"
  static let entries = "entries"

  private static let balanceColumns = """
    account, currency_code, type, is_contra, debits_minor_units, credits_minor_units, debits_quintillions,
    credits_quintillions
    """

  static func balance(
    of account: String, in currency: Currency, _ connection: Connection
  ) throws -> Balance? {
    try connection.first(
      "SELECT \(balanceColumns) FROM ledger_balance WHERE account = ?1 AND currency_code = ?2",
      account, currency.code, row: readBalance)
  }

  static func balances(_ connection: Connection) throws -> [Balance] {
    try connection.query(
      "SELECT \(balanceColumns) FROM ledger_balance ORDER BY account, currency_code", row: readBalance)
  }

  static func save(_ balance: Balance, _ connection: Connection) throws {
    let (debits, credits) = (StoredSum(balance.debits), StoredSum(balance.credits))
    try connection.execute(
      """
      INSERT INTO ledger_balance (\(balanceColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      ON CONFLICT (account, currency_code)
      DO UPDATE SET debits_minor_units = excluded.debits_minor_units,
        credits_minor_units = excluded.credits_minor_units, debits_quintillions = excluded.debits_quintillions,
        credits_quintillions = excluded.credits_quintillions
      """,
      balance.account.id, balance.currency.code, balance.account.type.rawValue, balance.account.isContra,
      debits.minorUnits, credits.minorUnits, debits.quintillions, credits.quintillions)
  }

  static func lastSequence(_ connection: Connection) throws -> Int64 {
    let last = try connection.first("SELECT MAX(sequence) FROM ledger_entry") { row in try row[0] as Int64? }
    return last.flatMap(\.self) ?? 0
  }

  static func page(
    after sequence: Int64, limit: Int, subject: String?, _ connection: Connection
  ) throws -> [LedgerV1.JournalEntry] {
    let entries = try connection.query(
      """
      SELECT sequence, business_date, posted_at, kind, subject FROM ledger_entry
      WHERE sequence > ?1\(subject == nil ? "" : " AND subject = ?3") ORDER BY sequence LIMIT ?2
      """,
      values: [sequence.sqlValue, limit.sqlValue] + (subject.map { [$0.sqlValue] } ?? [])
    ) { row in
      let sequence: Int64 = try row[0]
      return LedgerV1.JournalEntry(
        name: "\(Self.entries)/\(sequence)",
        sequence: sequence,
        businessDate: try (row[1] as BusinessDate).civilDate.message,
        postTime: (try row[2] as Timestamp).message,
        kind: try row[3],
        subject: try row[4])
    }
    return try entries.map { entry in
      var entry = entry
      entry.postings = try postings(of: entry.sequence, connection)
      return entry
    }
  }

  private static func postings(of sequence: Int64, _ connection: Connection) throws -> [LedgerV1.Posting] {
    try connection.query(
      """
      SELECT account, side, currency_code, amount_minor_units FROM ledger_posting WHERE entry = ?1 ORDER BY line
      """, sequence
    ) { row in
      LedgerV1.Posting(
        account: "\(accounts)/\(try row[0] as String)",
        side: LedgerV1.Posting.Side(valueName: try row[1]) ?? .unspecified,
        amount: TypeV1.Money(currencyCode: try row[2], minorUnits: try row[3]))
    }
  }

  private static func readBalance(_ row: borrowing Row) throws -> Balance {
    let currency = try Currency(try row[1])
    return Balance(
      account: Account(
        id: try row[0], type: AccountType(rawValue: try row[2]) ?? .asset, isContra: try row[3]),
      debits: StoredSum(minorUnits: try row[4], quintillions: try row[6]).sum(in: currency),
      credits: StoredSum(minorUnits: try row[5], quintillions: try row[7]).sum(in: currency))
  }
}

extension Balance {
  /// The balance as the contract has it, positive on the side on which the account grows.
  var message: LedgerV1.AccountBalance {
    LedgerV1.AccountBalance(
      account: "\(LedgerTables.accounts)/\(account.id)",
      type: LedgerV1.AccountType(valueName: account.type.rawValue) ?? .unspecified,
      debits: debits.nearestAmount, credits: credits.nearestAmount, balance: net.nearestAmount,
      exactDebits: debits.message, exactCredits: credits.message, exactBalance: net.message)
  }
}
