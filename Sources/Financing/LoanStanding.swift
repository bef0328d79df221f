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
  /// It has passed its observation period.
  case observed
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
      try move(to: body.observation == nil ? .active : .restructured, by: actor)
    } else if actor == .clock, try hasPassedObservation {
      try move(to: .active, by: .clock)
    } else {
      try save()
    }
  }

  /// The same at the close of a day, for a loan that may have changed by time alone. Nothing is stored where nothing has.
  mutating func reassessAtClose() throws -> Standing {
    let before = body
    let rows = try loadSchedule()
    try count(rows)
    let hasPassed = try hasPassedObservation
    guard body != before || hasPassed else { return .asBefore }
    body = before
    try reassess(rows, by: .clock)
    if hasPassed { return .observed }
    if before.state == .overdue && body.state != .overdue { return .cured }
    return body.state == .overdue && before.overdueBucket != body.overdueBucket ? .overdue : .asBefore
  }

  /// Whether the loan was in order throughout its observation, and that is over.
  private var hasPassedObservation: Bool {
    get throws {
      guard body.state == .restructured, body.daysPastDue == 0, let observation = body.observation else { return false }
      return try CivilDate(observation.endDate, field: "observation.end_date") < unit.businessDate.civilDate
    }
  }

  /// Settled, or paid too much: nothing is owed any more.
  private mutating func close() throws {
    let next: FinancingV1.Loan.State = (body.overpayment?.minorUnits ?? 0) > 0 ? .overpaid : .settled
    if body.state == .writtenOff, next == .overpaid { try move(to: .settled, by: .system) }
    if body.state == next { try save() } else { try move(to: next, by: .system) }
  }

  /// Counts what the business date and the installments of the current schedule tell.
  mutating func count(_ rows: [InstallmentTables.Stored]) throws {
    let today = try unit.businessDate.civilDate
    let currency = try Money(body.principal, field: "principal").currency
    let unpaid = try rows.filter { !$0.isPaid }.map { row in
      let due = try row.due
      return DatedAmount(due.dueDate, try due.principal.adding(due.interest))
    }
    let pastDue = try DaysPastDue.count(on: today, dues: unpaid, receipts: [], currency: currency)
    body.nextDueDate = unpaid.first?.date.message
    body.daysPastDue = Int32(clamping: pastDue.days)
    body.overdueBucket = Int32(clamping: pastDue.bucket)
    guard let months = body.observation?.months else { return }
    let receipts = try RepaymentTables.paid(
      loan: stored.id, revision: body.scheduleRevision, currency: currency, from: unit.connection)
    let dues = try rows.map { DatedAmount($0.row.dueDate, try $0.row.principal.adding($0.row.interest)) }
    let observation = Observation(on: today, months: Int(months), dues: dues, receipts: receipts)
    body.observation?.startDate = observation?.start.message
    body.observation?.endDate = observation?.end.message
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
