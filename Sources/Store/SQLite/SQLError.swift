import CSQLite

/// A failure that SQLite reported, with what is needed to find it: the code, the SQL and the types of the values.
public struct SQLError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What a caller may want to tell apart.
  public enum Kind: Sendable, Hashable {
    /// A unique or primary key already has this value.
    case unique
    /// A row refers to one that does not exist, or is still referred to.
    case foreignKey
    /// A CHECK, NOT NULL or STRICT type rule of the table.
    case check
    /// The disk, or the allowed size of the database, is full.
    case full
    /// Another connection holds the lock.
    case busy
    /// The file could not be read, written or opened.
    case io
    /// The file is not a database, or its contents are damaged.
    case damaged
    /// A column does not hold the type that was asked for.
    case type
    /// Anything else, such as a mistake in the SQL.
    case other
  }

  /// SQLite's extended result code.
  public let code: Int32
  /// SQLite's own words.
  public let message: String
  /// The statement, with its parameters unfilled.
  public let sql: String
  /// The types of the bound values, in order.
  public let valueTypes: [String]
  /// What kind of failure `code` is.
  public let kind: Kind
  /// The system's error number, errno, that is behind a failure to open, read or write the file; else 0.
  public let systemCode: Int32

  init(code: Int32, message: String, sql: String, valueTypes: [String] = [], systemCode: Int32 = 0) {
    self.code = code
    self.systemCode = systemCode
    self.message = message
    self.sql = sql
    self.valueTypes = valueTypes
    kind = Kind(code: code)
  }

  /// Whether the same work can succeed later, when the disk has room or the lock is free.
  public var isTransient: Bool {
    switch kind {
    case .full, .busy, .io: true
    case .unique, .foreignKey, .check, .damaged, .type, .other: false
    }
  }

  public var description: String {
    "SQLite error \(code): \(message); SQL: \(sql); values: [\(valueTypes.joined(separator: ", "))]"
  }
}

extension SQLError.Kind {
  init(code: Int32) {
    // SQLITE_CONSTRAINT_x is SQLITE_CONSTRAINT | x << 8; the header's macros do not reach Swift.
    let detail = code >> 8
    switch code & 0xff {
    case SQLITE_CONSTRAINT:
      switch detail {
      case 6, 8, 10: self = .unique  // PRIMARYKEY, UNIQUE, ROWID
      case 3: self = .foreignKey
      default: self = .check
      }
    case SQLITE_FULL: self = .full
    case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
    // Without a detail it is a write through a connection for reading: a mistake in the program.
    case SQLITE_READONLY: self = detail == 0 ? .other : .io
    case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_PROTOCOL, SQLITE_NOMEM: self = .io
    case SQLITE_CORRUPT, SQLITE_NOTADB: self = .damaged
    case SQLITE_MISMATCH: self = .type
    default: self = .other
    }
  }
}
