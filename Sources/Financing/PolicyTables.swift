import Contracts
import FinancialMath
import RPC
import Store
import Terms

/// Review policies and rate caps in the database. They are only ever added.
enum PolicyTables {
  static let policies = "reviewPolicies"
  static let caps = "rateCaps"

  static func insert(
    _ policy: FinancingV1.ReviewPolicy, id: String, effective date: CivilDate, into connection: Connection
  ) throws {
    try connection.execute(
      "INSERT INTO review_policy (id, currency_code, effective_date, created_at) VALUES (?1, ?2, ?3, ?4)",
      id, policy.currencyCode, date.description, Timestamp(policy.createTime))
    for (index, stage) in policy.stages.enumerated() {
      try connection.execute(
        "INSERT INTO review_stage (policy, number, role, authority_minor_units) VALUES (?1, ?2, ?3, ?4)",
        id, index + 1, stage.role, stage.authority?.minorUnits ?? 0)
    }
  }

  /// The policy of a resource name.
  static func policy(_ name: String, from connection: Connection) throws -> FinancingV1.ReviewPolicy {
    let id = try ResourceName.id(name, in: policies, field: "policy")
    let found = try connection.first("SELECT \(policyColumns) FROM review_policy WHERE id = ?1", id, row: readPolicy)
    guard let found else { throw RPCError.notFound(name, type: policies) }
    return try withStages(found, id, connection)
  }

  /// The policy in force for a currency on a day; the latest where several start together.
  static func policy(
    for currency: String, on date: CivilDate, from connection: Connection
  ) throws -> FinancingV1.ReviewPolicy? {
    let found = try connection.first(
      """
      SELECT \(policyColumns) FROM review_policy WHERE currency_code = ?1 AND effective_date <= ?2
      ORDER BY effective_date DESC, id DESC LIMIT 1
      """, currency, date.description, row: readPolicy)
    return try found.map { try withStages($0, id(of: $0.name), connection) }
  }

  static func policyPage(
    after id: String, limit: Int, from connection: Connection
  ) throws -> [FinancingV1.ReviewPolicy] {
    try connection.query(
      "SELECT \(policyColumns) FROM review_policy WHERE id > ?1 ORDER BY id LIMIT ?2", id, limit, row: readPolicy
    ).map { try withStages($0, Self.id(of: $0.name), connection) }
  }

  static func insert(
    _ cap: FinancingV1.RateCap, id: String, effective date: CivilDate, into connection: Connection
  ) throws {
    try connection.execute(
      "INSERT INTO rate_cap (\(capColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
      id, cap.jurisdiction, cap.lenderClass, date.description, cap.maxAnnualRateE8, cap.basis,
      Timestamp(cap.createTime))
  }

  /// The cap in force for a kind of lender on a day; the latest where several start together.
  static func cap(
    jurisdiction: String, lenderClass: String, on date: CivilDate, from connection: Connection
  ) throws -> FinancingV1.RateCap? {
    try connection.first(
      """
      SELECT \(capColumns) FROM rate_cap WHERE jurisdiction = ?1 AND lender_class = ?2 AND effective_date <= ?3
      ORDER BY effective_date DESC, id DESC LIMIT 1
      """, jurisdiction, lenderClass, date.description, row: readCap)
  }

  static func capPage(after id: String, limit: Int, from connection: Connection) throws -> [FinancingV1.RateCap] {
    try connection.query(
      "SELECT \(capColumns) FROM rate_cap WHERE id > ?1 ORDER BY id LIMIT ?2", id, limit, row: readCap)
  }

  /// The id in the name of a policy or cap that was read.
  static func id(of name: String) -> String { name.split(separator: "/").last.map(String.init) ?? "" }

  private static let policyColumns = "id, currency_code, effective_date, created_at"
  private static let capColumns =
    "id, jurisdiction, lender_class, effective_date, max_annual_rate_e8, basis, created_at"

  private static func readPolicy(_ row: borrowing Row) throws -> FinancingV1.ReviewPolicy {
    FinancingV1.ReviewPolicy(
      name: "\(policies)/\(try row[0] as String)", currencyCode: try row[1],
      effectiveDate: try CivilDate(iso8601: row[2]).message, createTime: (try row[3] as Timestamp).message)
  }

  private static func withStages(
    _ policy: FinancingV1.ReviewPolicy, _ id: String, _ connection: Connection
  ) throws -> FinancingV1.ReviewPolicy {
    var policy = policy
    policy.stages = try connection.query(
      "SELECT role, authority_minor_units FROM review_stage WHERE policy = ?1 ORDER BY number", id
    ) { row in
      FinancingV1.ReviewPolicy.Stage(
        role: try row[0], authority: TypeV1.Money(currencyCode: policy.currencyCode, minorUnits: try row[1]))
    }
    return policy
  }

  private static func readCap(_ row: borrowing Row) throws -> FinancingV1.RateCap {
    FinancingV1.RateCap(
      name: "\(caps)/\(try row[0] as String)", jurisdiction: try row[1], lenderClass: try row[2],
      effectiveDate: try CivilDate(iso8601: row[3]).message, maxAnnualRateE8: try row[4], basis: try row[5],
      createTime: (try row[6] as Timestamp).message)
  }
}
