import RPC

/// What a caller is on the platform, and with it what the caller may do.
///
/// A role grants permissions by name; the contracts say which permission a method needs.
public enum Role: String, Sendable, CaseIterable, Codable {
  /// The platform's own staff: verifies, publishes, reviews, decides, pays out, keeps the books.
  case `operator`
  /// Decides on applications beyond the staff's own authority, on restructurings and on losses.
  case approver
  /// Decides on the largest applications.
  case committee
  /// A person who acts for enterprises: registers them and applies in their name; sees nothing of others.
  case enterprise
  /// A partner institution: follows applications and loans, and reports the repayments that it collects.
  case partner

  /// The permissions that the role grants, least privilege.
  public var permissions: Set<String> {
    switch self {
    case .operator:
      Self.reading.union([
        "enterprise.enterprises.verify", "enterprise.enterprises.suspend", "enterprise.enterprises.close",
        "catalog.products.create", "catalog.products.update", "catalog.products.test", "catalog.products.publish",
        "financing.applications.review", "financing.applications.decide", "financing.applications.sign",
        "financing.loans.disburse", "financing.loans.cancel", "financing.loans.repay", "financing.loans.refund",
        "financing.policies.create", "financing.policies.list",
        "financing.business_days.get", "financing.business_days.close",
        "ledger.accounts.get", "ledger.accounts.list", "ledger.entries.list",
      ])
    case .approver, .committee:
      Self.reading.union([
        "financing.applications.decide", "financing.loans.restructure", "financing.loans.write_off",
        "financing.policies.list", "financing.business_days.get",
      ])
    case .enterprise:
      Self.reading.union([
        "enterprise.enterprises.register",
        "financing.applications.create", "financing.applications.submit", "financing.applications.accept",
        "financing.applications.sign", "financing.applications.withdraw",
      ])
    case .partner:
      Self.reading.union(["financing.loans.repay"])
    }
  }

  /// The roles that see what belongs to any enterprise.
  static let seeingAll = Set([Role.operator, .approver, .committee, .partner].map(\.rawValue))

  /// What everybody may read, each within what is theirs to see.
  private static let reading: Set<String> = [
    "enterprise.enterprises.get", "enterprise.enterprises.list", "enterprise.enterprises.watch",
    "catalog.products.get", "catalog.products.list", "catalog.products.watch",
    "schedule.schedules.compute",
    "financing.applications.get", "financing.applications.list", "financing.applications.watch",
    "financing.loans.get", "financing.loans.list", "financing.loans.watch",
  ]
}

extension Principal {
  /// Whether the caller has a role.
  public func has(_ role: Role) -> Bool { roles.contains(role.rawValue) }

  /// Whether the caller sees what belongs to the own enterprises only, and nothing of others.
  public var seesOwnOnly: Bool { roles.isDisjoint(with: Role.seeingAll) }
}

extension Call {
  /// The authenticated caller.
  ///
  /// - Throws: UNAUTHENTICATED where there is none.
  public func caller() throws(RPCError) -> Principal {
    guard let principal else { throw .unauthenticated("this call needs a bearer token") }
    return principal
  }
}
