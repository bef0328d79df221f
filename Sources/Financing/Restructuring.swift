import Catalog
import Contracts
import FinancialMath
import Ledger
import Lifecycle
import RPC
import Schedule
import Store
import Terms

/// A restructuring: new terms for what is outstanding, as a new revision of the schedule.
extension Change<LoanTables> {
  /// Replaces what is left of the current schedule by a new one from the business date on, and puts the loan under
  /// observation.
  ///
  /// - Throws: PERMISSION_DENIED with reason SELF_APPROVAL; INVALID_ARGUMENT naming the term at fault;
  ///   FAILED_PRECONDITION with reason RATE_CAP_EXCEEDED, LIMIT_EXCEEDED or INTEREST_PAID_AHEAD.
  mutating func restructure(_ request: FinancingV1.RestructureLoanRequest) throws {
    try check(to: .restructured, by: .approver)
    guard stored.owner != unit.caller.subject else {
      throw RPCError.permissionDenied("an applicant does not restructure the own loan", reason: "SELF_APPROVAL")
    }
    let rows = try loadSchedule()
    try count(rows)
    let isNonPerforming = body.daysPastDue > DaysPastDue.performingDays
    let outstanding = try Money(body.outstandingPrincipal, field: "outstanding_principal")
    let unpaid = try unpaidInterest(of: rows) ?? .zero(outstanding.currency)
    let isCapitalized = unpaid.isPositive && request.unpaidInterest == .capitalize
    let capitalized = isCapitalized ? unpaid : .zero(unpaid.currency)
    let carried = try unpaid.subtracting(capitalized)

    let terms = try newTerms(request, principal: try Handover.sum(outstanding, capitalized))
    let schedule = try Schedule.compute(terms, prefix: "")
    try checkLimits(terms)
    let last = rows.last?.row.number ?? 0
    let newRows = try Handover.carry(
      carried, into: schedule.rows.map { InstallmentTables.ScheduledRow($0, after: last) })

    try keepRevision(request, terms, newRows, capitalized: capitalized, carried: carried)
    if isCapitalized {
      try post(
        try LoanAccounts.chart.capitalization(capitalized, isNonPerforming: isNonPerforming), kind: "capitalization")
      if isNonPerforming { body.suspendedInterest = try suspendedInterest.adding(capitalized).message }
    }
    body.outstandingPrincipal = terms.principal.message
    body.annualRateE8 = terms.annualRate.e8
    body.installmentCount = Int32(clamping: terms.installmentCount)
    body.repaymentMethod = TypeV1.RepaymentMethod(valueName: terms.method.rawValue) ?? .unspecified
    body.frequency = terms.frequency.message
    body.observation = FinancingV1.Observation(
      months: max(request.observationMonths, Int32(Observation.minMonths)))
    try count(newRows.map { InstallmentTables.Stored($0) })
    try move(to: .restructured, by: .approver)
    try record(
      "restructure",
      "revision \(body.scheduleRevision): \(terms.principal) at \(terms.annualRate) in \(terms.installmentCount), "
        + "\(capitalized) capitalized, \(carried) carried: \(request.reason)")
  }

  /// Keeps the new revision of the schedule, and before the second one the first.
  private mutating func keepRevision(
    _ request: FinancingV1.RestructureLoanRequest, _ terms: ScheduleTerms, _ rows: [InstallmentTables.ScheduledRow],
    capitalized: Money, carried: Money
  ) throws {
    let connection = unit.connection
    if body.scheduleRevision == 1 {
      let first = try ScheduleRevisionTables.first(of: stored, from: connection)
      try ScheduleRevisionTables.insert(first, loan: stored.id, into: connection)
    }
    body.scheduleRevision += 1
    let revision = FinancingV1.ScheduleRevision(
      name: ScheduleRevisionTables.name(body.name, body.scheduleRevision), number: body.scheduleRevision,
      principal: terms.principal.message, annualRateE8: terms.annualRate.e8,
      installmentCount: Int32(clamping: terms.installmentCount),
      repaymentMethod: TypeV1.RepaymentMethod(valueName: terms.method.rawValue) ?? .unspecified,
      frequency: terms.frequency.message, startDate: terms.startDate.message,
      firstDueDate: rows.first?.dueDate.message, unpaidInterest: request.unpaidInterest,
      capitalizedInterest: capitalized.message, carriedInterest: carried.message, reason: request.reason,
      approver: unit.caller.subject, createTime: unit.now.message)
    try ScheduleRevisionTables.insert(revision, loan: stored.id, into: connection)
    try InstallmentTables.insert(rows, loan: stored.id, revision: body.scheduleRevision, into: connection)
  }

  /// The terms of a request; what it does not say stays as it is.
  private func newTerms(
    _ request: FinancingV1.RestructureLoanRequest, principal: Money
  ) throws -> ScheduleTerms {
    let method = request.repaymentMethod == .unspecified ? body.repaymentMethod : request.repaymentMethod
    let frequency = request.frequency?.frequency == nil ? body.frequency : request.frequency
    // Money that is still to be paid out bears no interest before.
    let start = max(try unit.businessDate.civilDate, try disbursementDate)
    return ScheduleTerms(
      principal: principal,
      annualRate: Rate(e8: request.annualRateE8 ?? body.annualRateE8),
      method: try convention(method, field: "repayment_method"),
      frequency: try PaymentFrequency(frequency, field: "frequency"),
      dayCount: try convention(body.dayCount, field: "day_count"),
      rounding: try Rounding(body.rounding, field: "rounding"),
      startDate: start,
      firstDueDate: try request.firstDueDate.map { try CivilDate.requested($0, field: "first_due_date") },
      installmentCount: Int(request.installmentCount))
  }

  /// Holds new terms to the rate cap in force, and to the loan's version of its product.
  private func checkLimits(_ terms: ScheduleTerms) throws {
    let product = try ProductVersionTables.load(body.productVersion, from: unit.connection).product
    _ = try checkRate(terms.annualRate, of: product)
    let limits = try ProductTerms(product ?? CatalogV1.Product())
    var faults: [(field: String, message: String)] = []
    if terms.principal.minorUnits > limits.maxAmount.minorUnits {
      faults.append(
        ("unpaid_interest", "capitalized, it makes the principal \(terms.principal), above \(limits.maxAmount)"))
    }
    let longest = limits.schedule(
      principal: terms.principal, annualRate: terms.annualRate,
      installmentCount: limits.installmentCounts.upperBound, startDate: terms.startDate)
    do throws(ScheduleError) {
      let (maturity, latest) = (try terms.maturity, try longest.maturity)
      if maturity > latest {
        faults.append(("installment_count", "the last is due on \(maturity), after \(latest), the longest term"))
      }
    } catch {
      throw error.rpcError()
    }
    guard faults.isEmpty else { throw RPCError.limitExceeded(faults, subject: body.name) }
  }

  /// The interest of the current schedule that is unpaid on the business date; negative where it was paid ahead.
  private func unpaidInterest(of rows: [InstallmentTables.Stored]) throws -> Money? {
    var start = try disbursementDate
    if let revision = try ScheduleRevisionTables.find(body.scheduleRevision, of: stored, in: unit.connection) {
      start = try CivilDate(revision.startDate, field: "start_date")
    }
    return try Handover.unpaidInterest(
      of: rows,
      InterestAccrual(
        annualRate: Rate(e8: body.annualRateE8), dayCount: try convention(body.dayCount, field: "day_count"),
        rounding: try Rounding(body.rounding, field: "rounding")),
      from: start, on: try unit.businessDate.civilDate)
  }

  var disbursementDate: CivilDate {
    get throws { try CivilDate(body.disbursementDate, field: "disbursement_date") }
  }
}

/// Interest in suspense: within the outstanding principal, and not income yet.
extension Change<LoanTables> {
  var suspendedInterest: Money {
    get throws {
      guard body.suspendedInterest != nil else {
        return .zero(try Money(body.principal, field: "principal").currency)
      }
      return try Money(body.suspendedInterest, field: "suspended_interest")
    }
  }

  /// Takes as income what is in suspense beyond the principal that is left: the rest of the principal is paid first.
  mutating func releaseSuspense(beyond outstanding: Money) throws {
    let released = try suspendedInterest.subtracting(outstanding)
    guard released.isPositive else { return }
    try post(try LoanAccounts.chart.suspenseRelease(released), kind: "suspense-release")
    body.suspendedInterest = outstanding.isZero ? nil : outstanding.message
  }
}

extension DaysPastDue {
  /// A loan is performing up to so many days past due, and substandard beyond.
  static let performingDays: Int32 = 90
}
