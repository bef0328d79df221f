import Contracts
import FinancialMath
import Identity
import Ledger
import Protobuf
import RPC
import Schedule
import Store
import Terms

/// How a loan comes to be and changes: stored, posted to the ledger and audited in one unit of work.
struct LoanChange {
  let unit: UnitOfWork
  var stored: LoanTables.Stored

  /// Loads the loan that a request names, for its caller.
  ///
  /// - Throws: NOT_FOUND when there is none for the caller; ABORTED when `etag` is not the current one.
  init(_ name: String, etag: String, for principal: Principal, in unit: UnitOfWork) throws {
    self.unit = unit
    stored = try LoanTables.load(name, for: principal, from: unit.connection)
    try Etag.check(etag, version: stored.revision)
  }

  /// Books the loan of a contracted application: once, as the table allows one loan an application. Returns its name.
  static func book(
    _ application: ApplicationTables.Stored, _ product: CatalogV1.Product, in unit: UnitOfWork
  ) throws -> String {
    let id = unit.newId()
    let from = application.application
    let amount = try Money(from.amount, field: "amount")
    let loan = FinancingV1.Loan(
      name: "\(LoanTables.collection)/\(id)",
      application: from.name,
      enterprise: from.enterprise,
      productVersion: from.productVersion,
      state: .pendingDisbursement,
      principal: amount.message,
      annualRateE8: from.offer?.annualRateE8 ?? product.annualRateE8,
      installmentCount: from.installmentCount,
      repaymentMethod: product.repaymentMethod,
      dayCount: product.dayCount,
      rounding: product.rounding,
      frequency: product.frequency,
      outstandingPrincipal: Money.zero(amount.currency).message,
      overpayment: Money.zero(amount.currency).message,
      createTime: unit.now.message,
      updateTime: unit.now.message,
      etag: Etag.tag(version: 1))
    try LoanTables.insert(
      LoanTables.Stored(loan: loan, borrower: application.applicant, id: id, revision: 1), into: unit.connection)
    try unit.audit(resource: loan.name, action: "book", detail: from.name)
    return loan.name
  }

  /// Pays the principal out: the schedule runs from `date`, and the ledger is posted.
  mutating func disburse(on date: CivilDate) throws {
    let principal = try Money(stored.loan.principal, field: "principal")
    try check(to: .active)
    let schedule = try Schedule.compute(
      ScheduleTerms(
        principal: principal,
        annualRate: Rate(e8: stored.loan.annualRateE8),
        method: try convention(stored.loan.repaymentMethod, field: "repayment_method"),
        frequency: try PaymentFrequency(stored.loan.frequency, field: "frequency"),
        dayCount: try convention(stored.loan.dayCount, field: "day_count"),
        rounding: try Rounding(stored.loan.rounding, field: "rounding"),
        startDate: date,
        installmentCount: Int(stored.loan.installmentCount)),
      prefix: "")
    try InstallmentTables.insert(schedule.rows, loan: stored.id, into: unit.connection)
    try post(try LoanAccounts.chart.disbursement(principal), kind: "disbursement")
    stored.loan.disbursementDate = date.message
    stored.loan.outstandingPrincipal = principal.message
    try move(to: .active)
    try save(action: "disburse", detail: "\(principal) on \(date)")
  }

  /// Takes a receipt in: interest before principal, oldest due first, then the installments that follow; what is left
  /// over is kept apart for a refund.
  mutating func repay(_ amount: Money, on date: CivilDate) throws -> FinancingV1.Repayment {
    let state: LoanLifecycle.State = try convention(stored.loan.state, field: "state")
    guard state.acceptsReceipts else {
      throw RPCError.failedPrecondition(
        reason: "ILLEGAL_TRANSITION", message: "\(stored.loan.name) is \(state.rawValue) and takes no repayments",
        metadata: ["from": state.rawValue], subject: stored.loan.name)
    }
    let outstanding = try Money(stored.loan.outstandingPrincipal, field: "outstanding_principal")
    guard amount.currency == outstanding.currency else {
      throw RPCError.invalidArgument(
        field: "amount.currency_code", "must be \(outstanding.currency), the loan's currency")
    }
    var rows = try InstallmentTables.load(loan: stored.id, currency: amount.currency, from: unit.connection)
    let allocation = try RepaymentAllocation.allocate(amount, to: try rows.map { try $0.due }, dueBy: .max)
    for line in allocation.lines {
      guard let index = rows.firstIndex(where: { $0.row.number == line.installment }) else { continue }
      try rows[index].pay(line)
      try InstallmentTables.update(rows[index], loan: stored.id, in: unit.connection)
    }
    let interest = allocation.paid(.interest)
    let principal = allocation.paid(.principal)
    try post(
      try LoanAccounts.chart.repayment(interest: interest, principal: principal, excess: allocation.overpayment),
      kind: "repayment")
    let left = try outstanding.subtracting(principal)
    stored.loan.outstandingPrincipal = left.message
    stored.loan.overpayment = allocation.overpayment.message
    try reassess(rows, overpaid: allocation.overpayment.isPositive)
    try save(action: "repay", detail: "\(amount) on \(date)")
    return try keep(amount, date, interest, principal, allocation.overpayment)
  }

  /// Where the loan stands after a receipt: settled, paid too much, overdue on the business date, or in order.
  private mutating func reassess(_ rows: [InstallmentTables.Stored], overpaid: Bool) throws {
    let today = try unit.businessDate.civilDate
    let unpaid = rows.filter { !$0.isPaid }
    let next: FinancingV1.Loan.State =
      if overpaid { .overpaid } else if unpaid.isEmpty {
        .settled
      } else if unpaid.contains(where: {
        $0.row.dueDate < today
      }) { .overdue } else { .active }
    if next != stored.loan.state { try move(to: next) }
  }

  private func check(to state: FinancingV1.Loan.State) throws {
    let from: LoanLifecycle.State = try convention(stored.loan.state, field: "state")
    let to: LoanLifecycle.State = try convention(state, field: "state")
    do throws(IllegalTransition) {
      // Falling overdue is the clock's doing; everything else here follows from money that moved.
      try LoanLifecycle.check(from: from, to: to, actor: to == .overdue ? .clock : .system)
    } catch {
      throw error.rpcError(of: stored.loan.name)
    }
  }

  private mutating func move(to state: FinancingV1.Loan.State) throws {
    try check(to: state)
    stored.loan.state = state
  }

  private mutating func save(action: String, detail: String) throws {
    stored.revision += 1
    stored.loan.etag = Etag.tag(version: stored.revision)
    stored.loan.updateTime = unit.now.message
    try LoanTables.update(stored, in: unit.connection)
    try unit.audit(resource: stored.loan.name, action: action, detail: detail)
  }

  private func post(_ entry: JournalEntry, kind: String) throws {
    try Journal.post(entry, kind: kind, subject: stored.loan.name, in: unit)
  }

  private func keep(
    _ amount: Money, _ date: CivilDate, _ interest: Money, _ principal: Money, _ overpayment: Money
  ) throws -> FinancingV1.Repayment {
    let id = unit.newId()
    try unit.connection.execute(
      """
      INSERT INTO loan_repayment (
        id, loan, receive_date, amount_minor_units, interest_minor_units, principal_minor_units,
        overpayment_minor_units, created_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      """,
      id, stored.id, date.description, amount.minorUnits, interest.minorUnits, principal.minorUnits,
      overpayment.minorUnits, unit.now)
    return FinancingV1.Repayment(
      name: "\(stored.loan.name)/repayments/\(id)", amount: amount.message, receiveDate: date.message,
      interest: interest.message, principal: principal.message, overpayment: overpayment.message, loan: stored.loan)
  }
}
