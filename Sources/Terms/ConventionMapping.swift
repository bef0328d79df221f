import Contracts
import FinancialMath
import Protobuf
import RPC

/// The value of a contract's enum by its name, which both sides share.
///
/// - Throws: INVALID_ARGUMENT naming `field` when it is unspecified or not known.
public func convention<Value: RawRepresentable<String> & CaseIterable>(
  _ value: some ProtobufEnum, as type: Value.Type = Value.self, field: String
) throws(RPCError) -> Value {
  guard let known = value.valueName.flatMap(Value.init(rawValue:)) else {
    let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
    throw .invalidArgument(field: field, "must be one of \(names)")
  }
  return known
}

extension Rounding {
  /// The rounding in a request; half up to the minor unit where there is none.
  ///
  /// - Throws: INVALID_ARGUMENT naming the part of `field` at fault.
  public init(_ message: TypeV1.Rounding?, field: String) throws(RPCError) {
    guard let message else {
      self.init(.halfUp)
      return
    }
    let mode: RoundingMode = try convention(message.mode, field: "\(field).mode")
    do throws(RoundingError) {
      try self.init(mode, multipleOf: message.multipleOf == 0 ? 1 : message.multipleOf)
    } catch {
      throw .invalidArgument(field: "\(field).multiple_of", "\(error)")
    }
  }
}

extension TypeV1.Rounding {
  /// The rounding as the contract has it.
  public init(_ rounding: Rounding) {
    self.init(
      mode: TypeV1.RoundingMode(valueName: rounding.mode.rawValue) ?? .unspecified, multipleOf: rounding.multipleOf)
  }
}
