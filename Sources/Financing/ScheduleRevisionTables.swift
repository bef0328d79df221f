import Contracts
import FinancialMath
import Lifecycle
import RPC
import Store
import Terms

/// The revisions of loans' schedules in the database. They are only ever added.
///
/// A loan that was never restructured has one, which its own terms tell; it is kept from the first restructuring on, when
/// the loan's terms become others.
enum ScheduleRevisionTables {
  static let collection = "scheduleRevisions"

  static func name(_ loan: String, _ number: Int32) -> String { "\(loan)/\(collection)/\(number)" }

  /// The loan and the number in a resource name.
  ///
  /// - Throws: INVALID_ARGUMENT naming `field`.
  static func parse(_ name: String, field: String) throws(RPCError) -> (loan: String, number: Int32) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[2] == collection, let number = Int32(parts[3]), number > 0, "\(number)" == parts[3]
    else { throw .invalidArgument(field: field, "must be `loans/{loan}/\(collection)/{revision}`") }
    return ("\(parts[0])/\(parts[1])", number)
  }

  /// One revision; nil where there is none.
  static func find(
    _ number: Int32, of loan: Stored<FinancingV1.Loan>, in connection: Connection
  ) throws -> FinancingV1.ScheduleRevision? {
    try page(of: loan, after: number - 1, limit: 1, from: connection).first { $0.number == number }
  }

  /// The revisions after a number, in order.
  static func page(
    of loan: Stored<FinancingV1.Loan>, after number: Int32, limit: Int, from connection: Connection
  ) throws -> [FinancingV1.ScheduleRevision] {
    guard loan.body.scheduleRevision > 1 else {
      return number < loan.body.scheduleRevision ? [try first(of: loan, from: connection)] : []
    }
    return try connection.query(
      "SELECT document FROM loan_schedule_revision WHERE loan = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
      loan.id, number, limit
    ) { row in try FinancingV1.ScheduleRevision(serializedBytes: try row[0] as [UInt8]) }
  }

  static func insert(_ revision: FinancingV1.ScheduleRevision, loan: String, into connection: Connection) throws {
    try connection.execute(
      """
      INSERT INTO loan_schedule_revision (
        loan, number, start_date, principal_minor_units, capitalized_minor_units, annual_rate_e8, document)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      """,
      loan, revision.number, try CivilDate(revision.startDate, field: "start_date").description,
      revision.principal?.minorUnits, revision.capitalizedInterest?.minorUnits ?? 0, revision.annualRateE8,
      revision.serializedBytes())
  }

  /// The first revision of a loan that has no other.
  static func first(
    of loan: Stored<FinancingV1.Loan>, from connection: Connection
  ) throws -> FinancingV1.ScheduleRevision {
    let currency = try Money(loan.body.principal, field: "principal").currency
    let row = try InstallmentTables.load(loan: loan.id, revision: 1, currency: currency, limit: 1, from: connection)
    return FinancingV1.ScheduleRevision(
      name: name(loan.body.name, 1), number: 1, principal: loan.body.principal, annualRateE8: loan.body.annualRateE8,
      installmentCount: loan.body.installmentCount, repaymentMethod: loan.body.repaymentMethod,
      frequency: loan.body.frequency, startDate: loan.body.disbursementDate,
      firstDueDate: row.first?.row.dueDate.message)
  }
}
