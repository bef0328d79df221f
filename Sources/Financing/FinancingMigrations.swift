import Store

/// The tables of the financing domain.
public enum FinancingMigrations {
  public static let all = [
    Migration(
      set: "financing", number: 1, name: "applications and loans",
      sql: """
        CREATE TABLE application (
          id TEXT PRIMARY KEY,
          enterprise TEXT NOT NULL,
          product TEXT NOT NULL,
          applicant TEXT NOT NULL,
          state TEXT NOT NULL,
          currency_code TEXT NOT NULL,
          amount_minor_units INTEGER NOT NULL,
          installment_count INTEGER NOT NULL,
          revision INTEGER NOT NULL,
          created_at INTEGER NOT NULL,
          updated_at INTEGER NOT NULL,
          document BLOB NOT NULL
        ) STRICT;
        CREATE INDEX application_enterprise ON application (enterprise, id);
        CREATE INDEX application_applicant ON application (applicant, id);
        CREATE TABLE loan (
          id TEXT PRIMARY KEY,
          application TEXT NOT NULL UNIQUE,
          enterprise TEXT NOT NULL,
          borrower TEXT NOT NULL,
          state TEXT NOT NULL,
          currency_code TEXT NOT NULL,
          principal_minor_units INTEGER NOT NULL,
          outstanding_minor_units INTEGER NOT NULL,
          annual_rate_e8 INTEGER NOT NULL,
          disbursement_date TEXT,
          revision INTEGER NOT NULL,
          created_at INTEGER NOT NULL,
          updated_at INTEGER NOT NULL,
          document BLOB NOT NULL
        ) STRICT;
        CREATE INDEX loan_enterprise ON loan (enterprise, id);
        CREATE INDEX loan_borrower ON loan (borrower, id);
        CREATE TABLE loan_installment (
          loan TEXT NOT NULL REFERENCES loan (id),
          number INTEGER NOT NULL,
          due_date TEXT NOT NULL,
          opening_minor_units INTEGER NOT NULL,
          principal_minor_units INTEGER NOT NULL,
          interest_minor_units INTEGER NOT NULL,
          paid_principal_minor_units INTEGER NOT NULL,
          paid_interest_minor_units INTEGER NOT NULL,
          PRIMARY KEY (loan, number)
        ) STRICT;
        CREATE TABLE loan_repayment (
          id TEXT PRIMARY KEY,
          loan TEXT NOT NULL REFERENCES loan (id),
          receive_date TEXT NOT NULL,
          amount_minor_units INTEGER NOT NULL,
          interest_minor_units INTEGER NOT NULL,
          principal_minor_units INTEGER NOT NULL,
          overpayment_minor_units INTEGER NOT NULL,
          created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX loan_repayment_loan ON loan_repayment (loan, id);
        """)
  ]
}
