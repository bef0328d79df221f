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
        """),
    Migration(
      set: "catalog", number: 2, name: "published versions",
      sql: """
        ALTER TABLE product ADD COLUMN jurisdiction TEXT NOT NULL DEFAULT '';
        ALTER TABLE product ADD COLUMN lender_class TEXT NOT NULL DEFAULT '';
        CREATE TABLE product_version (
          product TEXT NOT NULL REFERENCES product (id),
          version INTEGER NOT NULL,
          published_at INTEGER NOT NULL,
          display_name TEXT NOT NULL,
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
          jurisdiction TEXT NOT NULL,
          lender_class TEXT NOT NULL,
          PRIMARY KEY (product, version)
        ) STRICT;
        INSERT INTO product_version
        SELECT id, version, updated_at, display_name, annual_rate_e8, min_installment_count, max_installment_count,
          currency_code, min_amount_minor_units, max_amount_minor_units, repayment_method, day_count, rounding_mode,
          rounding_multiple_of, frequency_unit, frequency_count, jurisdiction, lender_class
        FROM product WHERE version IS NOT NULL;
        """),
  ]
}
