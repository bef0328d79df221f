/// Who makes a call, once an interceptor has found out.
public struct Principal: Sendable, Hashable {
  /// The resource name of the caller, such as `users/0190f3b2`.
  public var subject: String
  public var roles: Set<String>
  public var permissions: Set<String>
  /// The resource name of the enterprise that the caller acts for, if any.
  public var enterprise: String?

  public init(
    subject: String,
    roles: Set<String> = [],
    permissions: Set<String> = [],
    enterprise: String? = nil
  ) {
    self.subject = subject
    self.roles = roles
    self.permissions = permissions
    self.enterprise = enterprise
  }
}
