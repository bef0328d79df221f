import Contracts
import FinancialMath
import RPC

extension Money {
  /// The amount in a request.
  ///
  /// - Throws: INVALID_ARGUMENT naming the part of `field` at fault when it is missing or its currency is unknown.
  public init(_ message: TypeV1.Money?, field: String) throws(RPCError) {
    guard let message else { throw .invalidArgument(field: field, "is required") }
    do throws(MoneyError) {
      try self.init(minorUnits: message.minorUnits, currencyCode: message.currencyCode)
    } catch {
      throw .invalidArgument(field: "\(field).currency_code", "\(error)")
    }
  }

  /// The same, for an amount that must be more than nothing.
  public static func positive(_ message: TypeV1.Money?, field: String) throws(RPCError) -> Money {
    let money = try Money(message, field: field)
    guard money.isPositive else {
      throw .invalidArgument(field: "\(field).minor_units", "must be positive, not \(money.minorUnits)")
    }
    return money
  }

  /// The amount as the contract has it.
  public var message: TypeV1.Money {
    TypeV1.Money(currencyCode: currency.code, minorUnits: minorUnits)
  }
}
