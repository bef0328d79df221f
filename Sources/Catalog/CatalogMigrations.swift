import Store

/// The tables of the catalog.
public enum CatalogMigrations {
  public static let all = [
    Migration(
      set: "catalog", number: 1, name: "products",
      sql: """
        CREATE TABLE product (
          id TEXT PRIMARY KEY,
          display_name TEXT NOT NULL,
          state TEXT NOT NULL,
          version INTEGER,
          annual_rate_e8 INTEGER NOT NULL,
          min_installment_count INTEGER NOT NULL,
          max_installment_count INTEGER NOT NULL,
          currency_code TEXT NOT NULL,
          min_amount_minor_units INTEGER NOT NULL,
          max_amount_minor_units INTEGER NOT NULL,
          repayment_method TEXT NOT NULL,
          day_count TEXT NOT NULL,
          rounding_mode TEXT NOT NULL,
          rounding_multiple_of INTEGER NOT NULL,
          frequency_unit TEXT NOT NULL,
          frequency_count INTEGER NOT NULL,
          revision INTEGER NOT NULL,
          created_at INTEGER NOT NULL,
          updated_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX product_state ON product (state, id);
        """)
  ]
}
