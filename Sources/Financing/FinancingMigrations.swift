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
        """),
    Migration(
      set: "financing", number: 2, name: "review policies, rate caps and the close of a business day",
      sql: """
        CREATE TABLE review_policy (
          id TEXT PRIMARY KEY,
          currency_code TEXT NOT NULL,
          effective_date TEXT NOT NULL,
          created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX review_policy_currency ON review_policy (currency_code, effective_date, id);
        CREATE TABLE review_stage (
          policy TEXT NOT NULL REFERENCES review_policy (id),
          number INTEGER NOT NULL,
          role TEXT NOT NULL,
          authority_minor_units INTEGER NOT NULL,
          PRIMARY KEY (policy, number)
        ) STRICT;
        INSERT INTO review_policy (id, currency_code, effective_date, created_at)
        VALUES ('initial', 'CNY', '0001-01-01', 0);
        INSERT INTO review_stage (policy, number, role, authority_minor_units)
        VALUES ('initial', 1, 'operator', 100000000), ('initial', 2, 'approver', 1000000000),
          ('initial', 3, 'committee', 10000000000);
        CREATE TABLE rate_cap (
          id TEXT PRIMARY KEY,
          jurisdiction TEXT NOT NULL,
          lender_class TEXT NOT NULL,
          effective_date TEXT NOT NULL,
          max_annual_rate_e8 INTEGER NOT NULL,
          basis TEXT NOT NULL,
          created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX rate_cap_class ON rate_cap (jurisdiction, lender_class, effective_date, id);
        CREATE TABLE business_day (
          date TEXT PRIMARY KEY,
          next_date TEXT NOT NULL,
          phase TEXT NOT NULL,
          last_due_date TEXT NOT NULL,
          last_id TEXT NOT NULL,
          expired_offer_count INTEGER NOT NULL,
          overdue_loan_count INTEGER NOT NULL,
          cured_loan_count INTEGER NOT NULL,
          started_at INTEGER NOT NULL,
          finished_at INTEGER
        ) STRICT;
        ALTER TABLE application ADD COLUMN offer_expires_at INTEGER;
        CREATE INDEX application_approved ON application (id) WHERE state = 'APPROVED';
        ALTER TABLE loan ADD COLUMN next_due_date TEXT;
        UPDATE loan SET next_due_date = (
          SELECT MIN(due_date) FROM loan_installment
          WHERE loan_installment.loan = loan.id
            AND (paid_principal_minor_units < loan_installment.principal_minor_units
              OR paid_interest_minor_units < interest_minor_units))
        WHERE state IN ('ACTIVE', 'OVERDUE');
        CREATE INDEX loan_next_due ON loan (next_due_date, id) WHERE next_due_date IS NOT NULL;
        """),
    Migration(
      set: "financing", number: 3, name: "restructured loans and the revisions of their schedules",
      sql: """
        CREATE TABLE loan_schedule_revision (
          loan TEXT NOT NULL REFERENCES loan (id),
          number INTEGER NOT NULL,
          start_date TEXT NOT NULL,
          principal_minor_units INTEGER NOT NULL,
          capitalized_minor_units INTEGER NOT NULL,
          annual_rate_e8 INTEGER NOT NULL,
          document BLOB NOT NULL,
          PRIMARY KEY (loan, number)
        ) STRICT;
        ALTER TABLE loan_installment ADD COLUMN schedule_revision INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE loan_installment ADD COLUMN carried_interest_minor_units INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE loan_repayment ADD COLUMN schedule_revision INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE loan ADD COLUMN observation_end_date TEXT;
        CREATE INDEX loan_observation_end ON loan (observation_end_date, id) WHERE observation_end_date IS NOT NULL;
        ALTER TABLE business_day ADD COLUMN observed_loan_count INTEGER NOT NULL DEFAULT 0;
        """),
  ]
}
