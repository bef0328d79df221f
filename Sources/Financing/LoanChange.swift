import Catalog
import Contracts
import FinancialMath
import Ledger
import Lifecycle
import Protobuf
import RPC
import Schedule
import Store
import Terms

/// How a loan comes to be and changes: its rows, the ledger and the audit log in one unit of work.
extension Change<LoanTables> {
  /// Books the loan of a contracted application: once, as the table allows one loan an application. Returns its name.
  static func book(_ application: Stored<FinancingV1.Application>, in unit: UnitOfWork) throws -> String {
    let from = application.body
    guard let product = try ProductVersionTables.load(from.productVersion, from: unit.connection).product,
      let offer = from.offer
    else {
      throw RPCError.failedPrecondition(
        reason: "NO_OFFER", message: "\(from.name) has no offer to book", subject: from.name)
    }
    let amount = try Money(from.amount, field: "amount")
    let loan = FinancingV1.Loan(
      application: from.name,
      enterprise: from.enterprise,
      productVersion: from.productVersion,
      principal: amount.message,
      annualRateE8: offer.annualRateE8,
      installmentCount: from.installmentCount,
      repaymentMethod: product.repaymentMethod,
      dayCount: product.dayCount,
      rounding: product.rounding,
      frequency: product.frequency,
      outstandingPrincipal: Money.zero(amount.currency).message,
      overpayment: Money.zero(amount.currency).message)
    let change = try Change(creating: loan, as: .pendingDisbursement, owner: application.owner, in: unit)
    try change.record("book", from.name)
    return change.body.name
  }

  /// Pays the principal out: the schedule runs from `date`, and the ledger is posted. Where that is so long ago that
  /// installments have been missed since, the loan is OVERDUE at once.
  mutating func disburse(on date: CivilDate) throws {
    let principal = try Money(body.principal, field: "principal")
    try check(to: .active, by: .officer)
    let schedule = try Schedule.compute(
      ScheduleTerms(
        principal: principal,
        annualRate: Rate(e8: body.annualRateE8),
        method: try convention(body.repaymentMethod, field: "repayment_method"),
        frequency: try PaymentFrequency(body.frequency, field: "frequency"),
        dayCount: try convention(body.dayCount, field: "day_count"),
        rounding: try Rounding(body.rounding, field: "rounding"),
        startDate: date,
        installmentCount: Int(body.installmentCount)),
      prefix: "")
    body.scheduleRevision = 1
    let rows = schedule.rows.map { InstallmentTables.ScheduledRow($0) }
    try InstallmentTables.insert(rows, loan: stored.id, revision: body.scheduleRevision, into: unit.connection)
    try post(try LoanAccounts.chart.disbursement(principal), kind: "disbursement")
    body.disbursementDate = date.message
    body.nextDueDate = rows.first?.dueDate.message
    body.outstandingPrincipal = principal.message
    try move(to: .active, by: .officer)
    try record("disburse", "\(principal) on \(date)")
    try count(rows.map { InstallmentTables.Stored($0) })
    if body.daysPastDue > 0 { try move(to: .overdue, by: .clock) }
  }

  /// - Throws: FAILED_PRECONDITION with reason NO_RECEIPTS when money from the borrower cannot be booked.
  func checkTakesReceipts() throws(RPCError) {
    guard body.state.acceptsReceipts else {
      throw .failedPrecondition(
        reason: "NO_RECEIPTS", message: "\(body.name) is \(body.state.label) and takes no repayments",
        metadata: ["state": body.state.label], subject: body.name)
    }
  }

  /// Takes a receipt in: interest before principal, oldest due first, then the installments that follow; the excess over
  /// everything owed is kept apart for a refund.
  ///
  /// - Parameter allowsDisproportionate: Whether an excess out of proportion to the loan is meant.
  mutating func repay(
    _ amount: Money, on date: CivilDate, allowsDisproportionate: Bool
  ) throws -> FinancingV1.Repayment {
    try checkTakesReceipts()
    let outstanding = try Money(body.outstandingPrincipal, field: "outstanding_principal")
    guard amount.currency == outstanding.currency else {
      throw RPCError.invalidArgument(
        field: "amount.currency_code", "must be \(outstanding.currency), the loan's currency")
    }
    var rows = try loadSchedule()
    let allocation = try RepaymentAllocation.allocate(amount, to: try rows.map { try $0.due }, dueBy: .max)
    let overpayment = try Overpayment(
      held: Money(body.overpayment, field: "overpayment"), excess: allocation.overpayment,
      schedule: try MoneySum(of: rows.flatMap { [$0.row.principal, $0.row.interest] }, in: amount.currency)
    ).checked(allowsDisproportionate: allowsDisproportionate, loan: body.name)
    for line in allocation.lines {
      guard let index = rows.firstIndex(where: { $0.row.number == line.installment }) else { continue }
      try rows[index].pay(line)
      try InstallmentTables.update(rows[index], loan: stored.id, in: unit.connection)
    }
    let interest = allocation.paid(.interest)
    let principal = allocation.paid(.principal)
    if body.writtenOffPrincipal != nil {
      // Nothing of it is in the books any more.
      try post(
        try LoanAccounts.chart.recovery(allocation.paid, excess: allocation.overpayment), kind: "recovery")
    } else {
      try post(
        try LoanAccounts.chart.repayment(interest: interest, principal: principal, excess: allocation.overpayment),
        kind: "repayment")
      let rest = try outstanding.subtracting(principal)
      body.outstandingPrincipal = rest.message
      try releaseSuspense(beyond: rest)
    }
    body.overpayment = overpayment.message
    // Kept first: how a restructured loan is paid is judged by all receipts.
    let id = try RepaymentTables.insert(
      RepaymentTables.Receipt(
        amount: amount, date: date, interest: interest, principal: principal, overpayment: allocation.overpayment),
      loan: stored.id, revision: body.scheduleRevision, in: unit)
    try reassess(rows, by: .system)
    try record("repay", "\(amount) on \(date)")
    return FinancingV1.Repayment(
      name: "\(body.name)/\(RepaymentTables.collection)/\(id)", amount: amount.message, receiveDate: date.message,
      interest: interest.message, principal: principal.message, overpayment: allocation.overpayment.message, loan: body)
  }

  /// Pays the overpayment back.
  mutating func refund() throws {
    guard body.state == .overpaid else {
      throw RPCError.failedPrecondition(
        reason: "NOT_OVERPAID", message: "\(body.name) is \(body.state.label): there is nothing to pay back",
        subject: body.name)
    }
    let amount = try Money(body.overpayment, field: "overpayment")
    try post(try LoanAccounts.chart.refund(amount), kind: "refund")
    body.overpayment = Money.zero(amount.currency).message
    try move(to: .settled, by: .system)
    try record("refund", "\(amount)")
  }

  /// Takes the outstanding principal out of the books; what the allowance lacks is provided for first.
  mutating func writeOff(_ reason: String) throws {
    try check(to: .writtenOff, by: .approver)
    let amount = try Money(body.outstandingPrincipal, field: "outstanding_principal")
    let suspended = try suspendedInterest
    let loss = try amount.subtracting(suspended)
    let chart = LoanAccounts.chart
    let allowance = try Journal.balance(of: chart.allowance, in: amount.currency, unit)
    let covered = min(max(0, allowance.minorUnits), Int128(loss.minorUnits))
    let lacking = try loss.subtracting(Money(Int64(clamping: covered), loss.currency))
    if lacking.isPositive { try post(try chart.provision(lacking), kind: "provision") }
    try post(try chart.writeOff(loss, suspended: suspended), kind: "write-off")
    body.suspendedInterest = nil
    body.outstandingPrincipal = Money.zero(amount.currency).message
    body.writtenOffPrincipal = amount.message
    try move(to: .writtenOff, by: .approver)
    try record("write-off", reason)
  }

  /// The installments of the current schedule.
  func loadSchedule() throws -> [InstallmentTables.Stored] {
    try InstallmentTables.load(
      loan: stored.id, revision: body.scheduleRevision,
      currency: try Money(body.principal, field: "principal").currency, from: unit.connection)
  }

  func post(_ entry: JournalEntry, kind: String) throws {
    try Journal.post(entry, kind: kind, subject: body.name, in: unit)
  }
}
