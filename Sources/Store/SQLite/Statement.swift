import CSQLite

/// A prepared statement. With `Connection` and `Row`, the only code that touches SQLite's pointers.
@safe @usableFromInline final class Statement {
  let sql: String
  /// Set while rows are being read, so that a nested use of the same SQL gets a statement of its own.
  var isRunning = false
  /// Memory that a statement keeps for its next values.
  private static let keptBytes = 16_384
  /// What was bound last.
  private var boundTypes: [ValueType] = []
  private var boundBytes = 0
  private let handle: OpaquePointer
  private let database: OpaquePointer

  /// Prepares `sql`, which must be one statement; `isKept` tells SQLite that it will live long.
  init(_ sql: String, database: OpaquePointer, isKept: Bool) throws(SQLError) {
    var prepared: OpaquePointer?
    var rest = 0
    let flags = isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
    let code = unsafe sql.withCString { text in
      var tail: UnsafePointer<CChar>?
      let code = unsafe sqlite3_prepare_v3(database, text, -1, flags, &prepared, &tail)
      if let tail = unsafe tail { rest = unsafe strlenOfNonSpace(tail) }
      return code
    }
    guard code == SQLITE_OK, let handle = unsafe prepared else {
      let message = code == SQLITE_OK ? "empty statement" : unsafe String(cString: sqlite3_errmsg(database))
      throw SQLError(code: code, message: message, sql: sql)
    }
    guard rest == 0 else {
      unsafe sqlite3_finalize(handle)
      throw SQLError(code: SQLITE_MISUSE, message: "more than one statement", sql: sql)
    }
    self.sql = sql
    unsafe self.handle = handle
    unsafe self.database = database
  }

  deinit {
    unsafe sqlite3_finalize(handle)
  }

  var columnCount: Int { Int(unsafe sqlite3_column_count(handle)) }

  func check(parameterCount: Int32) throws(SQLError) {
    guard unsafe sqlite3_bind_parameter_count(handle) == parameterCount else {
      throw failure(SQLITE_RANGE, "statement has another number of parameters")
    }
  }

  func bindNull(at index: Int32) -> Int32 {
    boundTypes.append(.null)
    return unsafe sqlite3_bind_null(handle, index)
  }

  func bind(_ integer: Int64, at index: Int32) -> Int32 {
    boundTypes.append(.integer)
    return unsafe sqlite3_bind_int64(handle, index, integer)
  }

  func bind(_ text: String, at index: Int32) -> Int32 {
    boundTypes.append(.text)
    var text = text
    return text.withUTF8 { bytes in
      boundBytes += bytes.count
      // A null pointer would bind NULL instead of an empty string.
      guard let base = bytes.baseAddress else {
        return unsafe sqlite3_bind_text(handle, index, "", 0, Self.transient)
      }
      return unsafe base.withMemoryRebound(to: CChar.self, capacity: bytes.count) { characters in
        unsafe sqlite3_bind_text64(
          handle, index, characters, UInt64(bytes.count), Self.transient, UInt8(SQLITE_UTF8))
      }
    }
  }

  func bind(_ blob: [UInt8], at index: Int32) -> Int32 {
    boundTypes.append(.blob)
    boundBytes += blob.count
    return unsafe blob.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, unsafe !bytes.isEmpty else {
        return unsafe sqlite3_bind_zeroblob(handle, index, 0)
      }
      return unsafe sqlite3_bind_blob64(handle, index, base, UInt64(bytes.count), Self.transient)
    }
  }

  /// SQLITE_TRANSIENT: SQLite copies the bytes, so nothing of ours has to outlive the call.
  private static var transient: sqlite3_destructor_type { unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

  /// Goes to the next row; false when there is none.
  @usableFromInline
  func step() throws(SQLError) -> Bool {
    let code = unsafe sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw failure(code)
    }
  }

  /// Makes the statement ready for its next use, which binds all parameters anew. Of the bound values SQLite keeps the
  /// memory for the next ones, unless it is much.
  func reset() {
    unsafe sqlite3_reset(handle)
    if boundBytes > Self.keptBytes { unsafe sqlite3_clear_bindings(handle) }
    boundBytes = 0
    boundTypes.removeAll(keepingCapacity: true)
  }

  func type(_ index: Int) -> Int32 { unsafe sqlite3_column_type(handle, Int32(index)) }

  func integer(_ index: Int) -> Int64 { unsafe sqlite3_column_int64(handle, Int32(index)) }

  func text(_ index: Int) -> String {
    let count = Int(unsafe sqlite3_column_bytes(handle, Int32(index)))
    guard let base = unsafe sqlite3_column_text(handle, Int32(index)) else { return "" }
    return unsafe String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
  }

  func blob(_ index: Int) -> [UInt8] {
    let count = Int(unsafe sqlite3_column_bytes(handle, Int32(index)))
    guard let base = unsafe sqlite3_column_blob(handle, Int32(index)) else { return [] }
    return unsafe [UInt8](UnsafeRawBufferPointer(start: base, count: count))
  }

  func failure(_ code: Int32, _ message: String? = nil) -> SQLError {
    let extended = unsafe sqlite3_extended_errcode(database)
    let words = unsafe String(cString: sqlite3_errmsg(database))
    return SQLError(
      code: extended & 0xff == code & 0xff ? extended : code, message: message ?? words, sql: sql,
      valueTypes: boundTypes.map(\.rawValue), systemCode: unsafe sqlite3_system_errno(database))
  }
}

/// How much of a statement's tail is more than space and semicolons.
private func strlenOfNonSpace(_ tail: UnsafePointer<CChar>) -> Int {
  let rest = unsafe String(cString: tail)
  return rest.utf8.count { $0 != 0x20 && $0 != 0x0a && $0 != 0x0d && $0 != 0x09 && $0 != 0x3b }
}
