import Contracts
import FinancialMath
import RPC
import Store

extension CivilDate {
  /// The date in a message, any day of the calendar.
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

  /// The date in a request that changes something: a day of the years of `CalendarLimits`.
  ///
  /// - Throws: INVALID_ARGUMENT naming `field` when it is missing, no day, or of another year.
  public static func requested(_ message: GoogleType.Date?, field: String) throws(RPCError) -> CivilDate {
    let date = try CivilDate(message, field: field)
    let limits = CalendarLimits.standard
    guard (limits.firstYear...limits.lastYear).contains(date.year) else {
      throw .invalidArgument(
        field: field, "must be in the years \(limits.firstYear) to \(limits.lastYear), not \(date)")
    }
    return date
  }

  /// The date in a request of something that has happened: from the start of what it is about to the business date, which
  /// is also the default.
  ///
  /// - Parameters:
  ///   - start: Its earliest day. Where that is after the business date, only the business date is left.
  ///   - origin: What starts then, for people, such as "the disbursement".
  /// - Throws: INVALID_ARGUMENT naming `field` when it is no day, earlier or later.
  public static func fact(
    _ message: GoogleType.Date?, field: String, since start: CivilDate, _ origin: String, until businessDate: CivilDate
  ) throws(RPCError) -> CivilDate {
    guard let message else { return businessDate }
    let date = try CivilDate(message, field: field)
    let earliest = Swift.min(start, businessDate)
    guard (earliest...businessDate).contains(date) else {
      throw .invalidArgument(
        field: field, "must be from \(earliest), \(origin), to the business date \(businessDate), not \(date)")
    }
    return date
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
