import Contracts
import FinancialMath
import RPC
import Store

extension CivilDate {
  /// The date in a request.
  ///
  /// - Throws: INVALID_ARGUMENT naming `field` when it is missing, partial, or no day of the calendar.
  public init(_ message: GoogleType.Date?, field: String) throws(RPCError) {
    guard let message else { throw .invalidArgument(field: field, "is required") }
    do throws(CivilDateError) {
      try self.init(year: Int(message.year), month: Int(message.month), day: Int(message.day))
    } catch {
      throw .invalidArgument(field: field, "\(error)")
    }
  }

  /// The date as the contract has it.
  public var message: GoogleType.Date {
    GoogleType.Date(year: Int32(year), month: Int32(month), day: Int32(day))
  }
}

extension BusinessDate {
  /// The date to compute with.
  public var civilDate: CivilDate {
    get throws(CivilDateError) { try CivilDate(year: year, month: month, day: day) }
  }
}
