import Contracts
import RPC

/// What an enterprise must bring to be registered, beyond the rules of the contract.
enum Registration {
  /// - Throws: INVALID_ARGUMENT with reason CREDIT_CODE_INVALID, saying which part of the credit code is wrong.
  static func check(_ enterprise: EnterpriseV1.Enterprise) throws(RPCError) {
    do throws(CreditCodeError) {
      _ = try CreditCode(enterprise.creditCode)
    } catch {
      throw .invalidArgument(field: "enterprise.credit_code", "\(error)", reason: "CREDIT_CODE_INVALID")
    }
  }
}
