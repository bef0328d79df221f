import CSQLite

/// The row that a query stands at; it lives only inside the closure it is handed to.
public struct Row: ~Copyable {
  private let statement: Statement

  @usableFromInline
  init(_ statement: Statement) {
    self.statement = statement
  }

  /// The value of column `index`, counted from 0; the type comes from where it goes. NULL needs an optional.
  public subscript<Value: ColumnValue>(index: Int) -> Value {
    get throws(SQLError) { try Value.read(self, index) }
  }

  /// Whether column `index` is NULL.
  public func isNull(_ index: Int) throws(SQLError) -> Bool {
    try type(index) == SQLITE_NULL
  }

  func integer(_ index: Int) throws(SQLError) -> Int64 {
    guard try type(index) == SQLITE_INTEGER else { throw mismatch(index, expected: "INTEGER") }
    return statement.integer(index)
  }

  func text(_ index: Int) throws(SQLError) -> String {
    guard try type(index) == SQLITE_TEXT else { throw mismatch(index, expected: "TEXT") }
    return statement.text(index)
  }

  func blob(_ index: Int) throws(SQLError) -> [UInt8] {
    guard try type(index) == SQLITE_BLOB else { throw mismatch(index, expected: "BLOB") }
    return statement.blob(index)
  }

  func mismatch(_ index: Int, expected: String) -> SQLError {
    statement.failure(SQLITE_MISMATCH, "column \(index) does not hold \(expected)")
  }

  private func type(_ index: Int) throws(SQLError) -> Int32 {
    guard index >= 0, index < statement.columnCount else {
      throw statement.failure(SQLITE_RANGE, "there is no column \(index)")
    }
    return statement.type(index)
  }
}
