/// A value as SQLite stores it.
public enum SQLValue: Sendable, Hashable {
  case null
  case integer(Int64)
  case text(String)
  case blob([UInt8])
}

/// The types that SQLite stores, for errors: a value itself never gets into an error or a log.
enum ValueType: String {
  case null = "NULL"
  case integer = "INTEGER"
  case text = "TEXT"
  case blob = "BLOB"
}

/// A type that can stand for a numbered parameter of a statement.
public protocol Bindable: Sendable {
  /// The value to store.
  var sqlValue: SQLValue { get }
  /// Binds the value to the next parameter.
  func bind(to parameters: inout Parameters)
}

extension Bindable {
  @inlinable public func bind(to parameters: inout Parameters) {
    switch sqlValue {
    case .null: parameters.bindNull()
    case .integer(let integer): parameters.bind(integer)
    case .text(let text): parameters.bind(text)
    case .blob(let blob): parameters.bind(blob)
    }
  }
}

/// A type that can be read from a column.
public protocol ColumnValue {
  /// Reads column `index`; throws `SQLError` of kind `.type` when the column holds something else.
  static func read(_ row: borrowing Row, _ index: Int) throws(SQLError) -> Self
}

extension SQLValue: Bindable {
  @inlinable public var sqlValue: SQLValue { self }
}

extension Int64: Bindable, ColumnValue {
  @inlinable public var sqlValue: SQLValue { .integer(self) }
  public static func read(_ row: borrowing Row, _ index: Int) throws(SQLError) -> Int64 { try row.integer(index) }
}

extension Int: Bindable, ColumnValue {
  @inlinable public var sqlValue: SQLValue { .integer(Int64(self)) }
  public static func read(_ row: borrowing Row, _ index: Int) throws(SQLError) -> Int {
    let value = try row.integer(index)
    guard let narrowed = Int(exactly: value) else { throw row.mismatch(index, expected: "Int") }
    return narrowed
  }
}

extension Int32: Bindable, ColumnValue {
  @inlinable public var sqlValue: SQLValue { .integer(Int64(self)) }
  public static func read(_ row: borrowing Row, _ index: Int) throws(SQLError) -> Int32 {
    let value = try row.integer(index)
    guard let narrowed = Int32(exactly: value) else { throw row.mismatch(index, expected: "Int32") }
    return narrowed
  }
}

extension Bool: Bindable, ColumnValue {
  @inlinable public var sqlValue: SQLValue { .integer(self ? 1 : 0) }
  public static func read(_ row: borrowing Row, _ index: Int) throws(SQLError) -> Bool {
    switch try row.integer(index) {
    case 0: return false
    case 1: return true
    default: throw row.mismatch(index, expected: "Bool")
    }
  }
}

extension String: Bindable, ColumnValue {
  @inlinable public var sqlValue: SQLValue { .text(self) }
  @inlinable public func bind(to parameters: inout Parameters) { parameters.bind(self) }
  public static func read(_ row: borrowing Row, _ index: Int) throws(SQLError) -> String { try row.text(index) }
}

extension [UInt8]: Bindable, ColumnValue {
  @inlinable public var sqlValue: SQLValue { .blob(self) }
  @inlinable public func bind(to parameters: inout Parameters) { parameters.bind(self) }
  public static func read(_ row: borrowing Row, _ index: Int) throws(SQLError) -> [UInt8] { try row.blob(index) }
}

extension Optional: Bindable where Wrapped: Bindable {
  /// The value, or NULL where there is none.
  @inlinable public var sqlValue: SQLValue { self?.sqlValue ?? .null }
  @inlinable public func bind(to parameters: inout Parameters) {
    if let self { self.bind(to: &parameters) } else { parameters.bindNull() }
  }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
  public static func read(_ row: borrowing Row, _ index: Int) throws(SQLError) -> Wrapped? {
    try row.isNull(index) ? nil : Wrapped.read(row, index)
  }
}
