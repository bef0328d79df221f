import Contracts
import FinancialMath
import Lifecycle
import Store
import Terms

/// What was found of a loan: what its close of day counts.
enum Standing {
  case asBefore
  case overdue
  case cured
}

/// Where a loan stands, by what is paid and the business date.
extension Change<LoanTables> {
  /// Brings days past due, bucket and state up to date, and stores the loan with all that was set before: settled, paid
  /// too much, overdue, or in order.
  ///
  /// - Parameter actor: Who finds a loan in order again, a receipt or the close of a day.
  mutating func reassess(_ rows: [InstallmentTables.Stored], by actor: Actor) throws {
    let before = (state: body.state, bucket: body.overdueBucket)
    try count(rows)
    guard body.nextDueDate != nil else { return try close() }
    guard body.state.fallsOverdue else { return try save() }
    // Falling overdue, and into another bucket, is the clock's doing, whoever finds it.
    if body.daysPastDue > 0, before.state != .overdue || before.bucket != body.overdueBucket {
      try move(to: .overdue, by: .clock)
    } else if body.daysPastDue == 0, before.state == .overdue {
      try move(to: .active, by: actor)
    } else {
      try save()
    }
  }

  /// The same at the close of a day, for a loan that may have changed by time alone. Nothing is stored where nothing has.
  mutating func reassessAtClose() throws -> Standing {
    let before = body
    let currency = try Money(body.principal, field: "principal").currency
    let rows = try InstallmentTables.load(loan: stored.id, currency: currency, from: unit.connection)
    try count(rows)
    guard body != before else { return .asBefore }
    body = before
    try reassess(rows, by: .clock)
    if before.state == .overdue && body.state != .overdue { return .cured }
    return body.state == .overdue && before.overdueBucket != body.overdueBucket ? .overdue : .asBefore
  }

  /// Settled, or paid too much: nothing is owed any more.
  private mutating func close() throws {
    let next: FinancingV1.Loan.State = (body.overpayment?.minorUnits ?? 0) > 0 ? .overpaid : .settled
    if body.state == .writtenOff, next == .overpaid { try move(to: .settled, by: .system) }
    if body.state == next { try save() } else { try move(to: next, by: .system) }
  }

  private mutating func count(_ rows: [InstallmentTables.Stored]) throws {
    let currency = try Money(body.principal, field: "principal").currency
    let unpaid = try rows.filter { !$0.isPaid }.map { row in
      let due = try row.due
      return DatedAmount(due.dueDate, try due.principal.adding(due.interest))
    }
    let pastDue = try DaysPastDue.count(
      on: try unit.businessDate.civilDate, dues: unpaid, receipts: [], currency: currency)
    body.nextDueDate = unpaid.first?.date.message
    body.daysPastDue = Int32(clamping: pastDue.days)
    body.overdueBucket = Int32(clamping: pastDue.bucket)
  }
}

extension DaysPastDue {
  /// Days of a bucket.
  static let bucketDays = 30
  /// The bucket of everything that is overdue longer than the ones before.
  static let lastBucket = 7

  /// 0 when nothing is past due, then one for every 30 days begun.
  public var bucket: Int { min((days + Self.bucketDays - 1) / Self.bucketDays, Self.lastBucket) }
}
