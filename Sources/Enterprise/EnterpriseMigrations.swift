import Store

/// The tables of the enterprise domain.
public enum EnterpriseMigrations {
  public static let all = [
    Migration(
      set: "enterprise", number: 1, name: "enterprises",
      sql: """
        CREATE TABLE enterprise (
          id TEXT PRIMARY KEY,
          display_name TEXT NOT NULL,
          credit_code TEXT NOT NULL UNIQUE,
          state TEXT NOT NULL,
          registrant TEXT NOT NULL,
          revision INTEGER NOT NULL,
          created_at INTEGER NOT NULL,
          updated_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX enterprise_registrant ON enterprise (registrant, id);
        """)
  ]
}
