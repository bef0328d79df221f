/// Every limit of the business calendar, with its unit last in its name.
public struct CalendarLimits: Sendable, Encodable {
  /// The limits that are in force.
  public static let standard = CalendarLimits()

  /// The first year of business dates, and of every date in a request that changes something.
  public var firstYear = 1_900
  /// The last year of them. It catches slips, which cannot be undone once a day is closed, and keeps everything computed
  /// from such a date far from the calendar's own end, 9999-12-31.
  public var lastYear = 2_199
}
