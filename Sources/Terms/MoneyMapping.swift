import Contracts
import FinancialMath
import RPC

extension Money {
  /// The amount in a message, whatever its size: stored ones may be older than the limit of amounts.
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

  /// The amount in a request. Every amount enters here: it is positive, and at most
  /// `AmountLimits.maxAmountMinorUnits`.
  ///
  /// - Throws: INVALID_ARGUMENT naming the part of `field` at fault.
  public static func requested(_ message: TypeV1.Money?, field: String) throws(RPCError) -> Money {
    let money = try Money(message, field: field)
    let limit = AmountLimits.standard.maxAmountMinorUnits
    guard (1...limit).contains(money.minorUnits) else {
      throw .invalidArgument(
        field: "\(field).minor_units", "must be from 1 to \(limit) minor units, not \(money.minorUnits)")
    }
    return money
  }

  /// The amount as the contract has it.
  public var message: TypeV1.Money {
    TypeV1.Money(currencyCode: currency.code, minorUnits: minorUnits)
  }
}

extension MoneySum {
  /// The sum in full, as the contract has it.
  public var message: TypeV1.MoneySum { TypeV1.MoneySum(currencyCode: currency.code, minorUnits: "\(minorUnits)") }

  /// The nearest amount that 64 bits can hold, as the contract has it.
  public var nearestAmount: TypeV1.Money {
    TypeV1.Money(currencyCode: currency.code, minorUnits: Int64(clamping: minorUnits))
  }
}
