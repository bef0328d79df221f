import Contracts
import RPC
import Terms

/// What an enterprise must bring to be registered.
enum Registration {
  /// Longest display name, in bytes.
  static let displayNameBytes = 200

  /// - Throws: INVALID_ARGUMENT naming the fields at fault; reason CREDIT_CODE_INVALID, with the check that failed, where
  ///   it is the credit code.
  static func check(_ enterprise: EnterpriseV1.Enterprise) throws(RPCError) {
    var violations = Violations()
    if enterprise.displayName.isEmpty {
      violations.add("enterprise.display_name", "is required")
    } else if enterprise.displayName.utf8.count > displayNameBytes {
      violations.add("enterprise.display_name", "has more than \(displayNameBytes) bytes")
    }
    if enterprise.creditCode.isEmpty { violations.add("enterprise.credit_code", "is required") }
    guard violations.isEmpty else { throw violations.error }
    do throws(CreditCodeError) {
      _ = try CreditCode(enterprise.creditCode)
    } catch {
      throw .invalidArgument(field: "enterprise.credit_code", "\(error)", reason: "CREDIT_CODE_INVALID")
    }
  }
}
