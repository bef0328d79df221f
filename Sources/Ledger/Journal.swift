import FinancialMath
import RPC
import Store

/// The journal in the database: entries are appended, balances are kept beside them, and nothing is ever changed.
public enum Journal {
  /// Posts an entry as part of a unit of work, and brings the balances up to date.
  ///
  /// - Parameters:
  ///   - kind: What is posted, such as "disbursement".
  ///   - subject: The resource that it is about.
  public static func post(_ entry: JournalEntry, kind: String, subject: String, in unit: UnitOfWork) throws {
    let connection = unit.connection
    let last = try connection.first("SELECT sequence, hash FROM ledger_entry ORDER BY sequence DESC LIMIT 1") { row in
      (sequence: try row[0] as Int64, hash: try row[1] as [UInt8])
    }
    let sequence = (last?.sequence ?? 0) + 1
    let businessDate = try unit.businessDate
    let hash = EntryHash.of(
      sequence: sequence, businessDate: businessDate.description, kind: kind, subject: subject,
      postings: entry.postings, after: last?.hash ?? EntryHash.origin)
    try connection.execute(
      "INSERT INTO ledger_entry (sequence, business_date, posted_at, kind, subject, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
      sequence, businessDate, unit.now, kind, subject, hash)
    for (line, posting) in entry.postings.enumerated() {
      try connection.execute(
        """
        INSERT INTO ledger_posting (entry, line, account, side, currency_code, amount_minor_units)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        """,
        sequence, line + 1, posting.account.id, posting.side.rawValue, posting.amount.currency.code,
        posting.amount.minorUnits)
      let account = posting.account
      var balance =
        try LedgerTables.balance(of: account.id, in: posting.amount.currency, connection)
        ?? Balance(of: account, in: posting.amount.currency)
      balance.apply(posting)
      try LedgerTables.save(balance, connection)
    }
  }

  /// The balance of an account, positive on the side on which it grows.
  public static func balance(of account: Account, in currency: Currency, _ unit: UnitOfWork) throws -> MoneySum {
    try LedgerTables.balance(of: account.id, in: currency, unit.connection)?.net ?? .zero(currency)
  }
}
