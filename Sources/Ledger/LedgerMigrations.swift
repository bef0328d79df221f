import Store

/// The tables of the books.
public enum LedgerMigrations {
  public static let all = [
    Migration(
      set: "ledger", number: 1, name: "journal and balances",
      sql: """
        CREATE TABLE ledger_entry (
          sequence INTEGER PRIMARY KEY,
          business_date TEXT NOT NULL,
          posted_at INTEGER NOT NULL,
          kind TEXT NOT NULL,
          subject TEXT NOT NULL,
          hash BLOB NOT NULL
        ) STRICT;
        CREATE INDEX ledger_entry_subject ON ledger_entry (subject, sequence);
        CREATE TABLE ledger_posting (
          entry INTEGER NOT NULL REFERENCES ledger_entry (sequence),
          line INTEGER NOT NULL,
          account TEXT NOT NULL,
          side TEXT NOT NULL,
          currency_code TEXT NOT NULL,
          amount_minor_units INTEGER NOT NULL CHECK (amount_minor_units > 0),
          PRIMARY KEY (entry, line)
        ) STRICT;
        CREATE TABLE ledger_balance (
          account TEXT NOT NULL,
          currency_code TEXT NOT NULL,
          type TEXT NOT NULL,
          is_contra INTEGER NOT NULL,
          debits_minor_units INTEGER NOT NULL,
          credits_minor_units INTEGER NOT NULL,
          PRIMARY KEY (account, currency_code)
        ) STRICT;
        """),
    Migration(
      set: "ledger", number: 2, name: "sums wider than 64 bits",
      sql: """
        ALTER TABLE ledger_balance ADD COLUMN debits_quintillions INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger_balance ADD COLUMN credits_quintillions INTEGER NOT NULL DEFAULT 0;
        """),
  ]
}
