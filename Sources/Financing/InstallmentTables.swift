import Contracts
import FinancialMath
import RPC
import Schedule
import Store
import Terms

/// The installments of loans in the database, and what was paid on each.
enum InstallmentTables {
  static let collection = "installments"

  struct Stored: Sendable {
    /// The installment as scheduled. Its period starts where the one before fell due, and is not kept.
    var row: ScheduledRow
    var paidPrincipal: Money
    var paidInterest: Money
  }

  /// What is kept of a schedule's row; the rest follows from it.
  struct ScheduledRow: Sendable, Hashable {
    /// From 1 in the loan: the numbers of a revision go on after those of the one before, so that each stays one row's.
    var number: Int
    var dueDate: CivilDate
    var opening: Money
    var principal: Money
    /// With what is carried.
    var interest: Money
    /// The part of the interest that comes from the revision before: unpaid there, or, negative, paid ahead.
    var carried: Money

    /// - Parameter last: The number of the last installment of the revision before; 0 in the first.
    init(_ row: Installment, after last: Int = 0) {
      self.init(
        number: last + row.number, dueDate: row.dueDate, opening: row.opening, principal: row.principal,
        interest: row.interest, carried: .zero(row.interest.currency))
    }

    init(number: Int, dueDate: CivilDate, opening: Money, principal: Money, interest: Money, carried: Money) {
      self.number = number
      self.dueDate = dueDate
      self.opening = opening
      self.principal = principal
      self.interest = interest
      self.carried = carried
    }
  }

  static func insert(_ rows: [ScheduledRow], loan: String, revision: Int32, into connection: Connection) throws {
    for row in rows {
      try connection.execute(
        """
        INSERT INTO loan_installment (
          loan, number, due_date, opening_minor_units, principal_minor_units, interest_minor_units,
          paid_principal_minor_units, paid_interest_minor_units, schedule_revision, carried_interest_minor_units)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7, ?8)
        """,
        loan, row.number, row.dueDate.description, row.opening.minorUnits, row.principal.minorUnits,
        row.interest.minorUnits, revision, row.carried.minorUnits)
    }
  }

  /// The installments of a revision of a loan's schedule after a number, in order.
  static func load(
    loan: String, revision: Int32, currency: Currency, after number: Int64 = 0,
    limit: Int = ScheduleLimits.standard.maxInstallmentCount, from connection: Connection
  ) throws -> [Stored] {
    try connection.query(
      """
      SELECT number, due_date, opening_minor_units, principal_minor_units, interest_minor_units,
        paid_principal_minor_units, paid_interest_minor_units, carried_interest_minor_units
      FROM loan_installment WHERE loan = ?1 AND schedule_revision = ?2 AND number > ?3 ORDER BY number LIMIT ?4
      """, loan, revision, number, limit
    ) { row in
      Stored(
        row: ScheduledRow(
          number: try row[0],
          dueDate: try CivilDate(iso8601: row[1]),
          opening: Money(try row[2], currency),
          principal: Money(try row[3], currency),
          interest: Money(try row[4], currency),
          carried: Money(try row[7], currency)),
        paidPrincipal: Money(try row[5], currency),
        paidInterest: Money(try row[6], currency))
    }
  }

  static func update(_ stored: Stored, loan: String, in connection: Connection) throws {
    try connection.execute(
      """
      UPDATE loan_installment SET paid_principal_minor_units = ?3, paid_interest_minor_units = ?4
      WHERE loan = ?1 AND number = ?2
      """,
      loan, stored.row.number, stored.paidPrincipal.minorUnits, stored.paidInterest.minorUnits)
  }
}

extension InstallmentTables.Stored {
  /// An installment on which nothing was paid.
  init(_ row: InstallmentTables.ScheduledRow) {
    let nothing = Money.zero(row.principal.currency)
    self.init(row: row, paidPrincipal: nothing, paidInterest: nothing)
  }

  /// Whether nothing is owed on it any more.
  var isPaid: Bool { paidPrincipal == row.principal && paidInterest == row.interest }

  /// What is still owed.
  var due: InstallmentDue {
    get throws(MoneyError) {
      let nothing = Money.zero(row.principal.currency)
      return InstallmentDue(
        number: row.number, dueDate: row.dueDate, penalty: nothing, fee: nothing,
        interest: try row.interest.subtracting(paidInterest),
        principal: try row.principal.subtracting(paidPrincipal))
    }
  }

  /// Takes in its part of a receipt.
  mutating func pay(_ line: RepaymentAllocation.Line) throws(MoneyError) {
    switch line.component {
    case .interest: paidInterest = try paidInterest.adding(line.amount)
    case .principal: paidPrincipal = try paidPrincipal.adding(line.amount)
    case .penalty, .fee: break
    }
  }

  /// The installment as the contract has it.
  func message(loan: String, revision: Int32) throws(MoneyError) -> FinancingV1.Installment {
    FinancingV1.Installment(
      name: "\(loan)/\(InstallmentTables.collection)/\(row.number)",
      number: Int32(row.number),
      dueDate: row.dueDate.message,
      opening: row.opening.message,
      principal: row.principal.message,
      interest: row.interest.message,
      total: try row.principal.adding(row.interest).message,
      closing: try row.opening.subtracting(row.principal).message,
      paidPrincipal: paidPrincipal.message,
      paidInterest: paidInterest.message,
      scheduleRevision: revision,
      carriedInterest: row.carried.message)
  }
}
