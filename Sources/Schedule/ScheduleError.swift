/// Why there is no schedule for the terms: the field at fault, by its path in the contract, and the reason.
public struct ScheduleError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    case notPositive = "NOT_POSITIVE"
    case negative = "NEGATIVE"
    case aboveLimit = "ABOVE_LIMIT"
    /// A due date is not after the date it follows.
    case notAfterStart = "NOT_AFTER_START"
    /// A due date lies after 9999-12-31.
    case dateOutOfRange = "DATE_OUT_OF_RANGE"
    /// An amount does not fit in 64 bits.
    case overflow = "OVERFLOW"
  }

  /// For instance `principal.minor_units`, `annual_rate_e8`, `installment_count`.
  public let field: String
  public let reason: Reason
  /// A sentence for people, without the field's name.
  public let message: String

  public init(field: String, reason: Reason, message: String) {
    self.field = field
    self.reason = reason
    self.message = message
  }

  public var description: String { "\(field): \(message)" }
}
