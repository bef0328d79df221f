/// The parameters ?1, ?2, … of a statement, which values are bound to one after the other.
public struct Parameters: ~Copyable {
  private let statement: Statement
  private var count: Int32 = 0
  /// SQLite's code for the first value that it refused.
  private var failure: Int32?

  @usableFromInline
  init(_ statement: Statement) {
    self.statement = statement
  }

  public mutating func bindNull() { note(statement.bindNull(at: next())) }
  public mutating func bind(_ integer: Int64) { note(statement.bind(integer, at: next())) }
  public mutating func bind(_ text: String) { note(statement.bind(text, at: next())) }
  public mutating func bind(_ blob: [UInt8]) { note(statement.bind(blob, at: next())) }

  /// Throws unless every parameter has got its value.
  @usableFromInline
  consuming func check() throws(SQLError) {
    try statement.check(parameterCount: count)
    if let failure { throw statement.failure(failure) }
  }

  private mutating func next() -> Int32 {
    count += 1
    return count
  }

  private mutating func note(_ code: Int32) {
    if code != 0, failure == nil { failure = code }
  }
}
