import Contracts
import FinancialMath
import RPC
import Store
import Terms

/// Entries and balances in the database: the one place where rows become messages.
enum LedgerTables {
  static let accounts = "accounts"
  static let entries = "entries"

  /// What was posted to an account in one currency, in minor units.
  struct StoredBalance: Sendable {
    var account: String
    var currencyCode: String
    var type: AccountType
    var isContra: Bool
    var debits: Int64
    var credits: Int64

    /// The balance as the contract has it, positive on the side on which the account grows.
    ///
    /// - Throws: FAILED_PRECONDITION when it does not fit.
    func message() throws(RPCError) -> LedgerV1.AccountBalance {
      let grows = Account(id: account, type: type, isContra: isContra).normalSide
      let (net, overflow) =
        grows == .debit ? debits.subtractingReportingOverflow(credits) : credits.subtractingReportingOverflow(debits)
      guard !overflow else {
        throw .failedPrecondition(reason: "BALANCE_OVERFLOW", message: "the balance of \(account) does not fit")
      }
      return LedgerV1.AccountBalance(
        account: "\(accounts)/\(account)",
        type: LedgerV1.AccountType(valueName: type.rawValue) ?? .unspecified,
        debits: TypeV1.Money(currencyCode: currencyCode, minorUnits: debits),
        credits: TypeV1.Money(currencyCode: currencyCode, minorUnits: credits),
        balance: TypeV1.Money(currencyCode: currencyCode, minorUnits: net))
    }
  }

  private static let balanceColumns =
    "account, currency_code, type, is_contra, debits_minor_units, credits_minor_units"

  static func balance(
    of account: String, in currencyCode: String, _ connection: Connection
  ) throws -> StoredBalance? {
    try connection.first(
      "SELECT \(balanceColumns) FROM ledger_balance WHERE account = ?1 AND currency_code = ?2",
      account, currencyCode, row: readBalance)
  }

  static func balances(_ connection: Connection) throws -> [StoredBalance] {
    try connection.query(
      "SELECT \(balanceColumns) FROM ledger_balance ORDER BY account, currency_code", row: readBalance)
  }

  static func save(_ balance: StoredBalance, _ connection: Connection) throws {
    try connection.execute(
      """
      INSERT INTO ledger_balance (\(balanceColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT (account, currency_code)
      DO UPDATE SET debits_minor_units = excluded.debits_minor_units,
        credits_minor_units = excluded.credits_minor_units
      """,
      balance.account, balance.currencyCode, balance.type.rawValue, balance.isContra, balance.debits, balance.credits)
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

  private static func readBalance(_ row: borrowing Row) throws -> StoredBalance {
    StoredBalance(
      account: try row[0], currencyCode: try row[1], type: AccountType(rawValue: try row[2]) ?? .asset,
      isContra: try row[3], debits: try row[4], credits: try row[5])
  }
}
