import Financing
import Testing

@Suite struct LifecycleTests {
  typealias Application = ApplicationLifecycle
  typealias Loan = LoanLifecycle

  /// from, to, actors; the published table, written once more.
  static let applicationMoves: Set<String> = [
    "DRAFT SUBMITTED APPLICANT", "SUBMITTED UNDER_REVIEW OFFICER", "UNDER_REVIEW INFO_REQUESTED OFFICER",
    "INFO_REQUESTED UNDER_REVIEW APPLICANT", "UNDER_REVIEW UNDER_REVIEW APPROVER",
    "UNDER_REVIEW APPROVED LAST_STAGE_APPROVER", "UNDER_REVIEW DECLINED APPROVER",
    "UNDER_REVIEW DECLINED LAST_STAGE_APPROVER", "APPROVED OFFER_ACCEPTED APPLICANT",
    "APPROVED OFFER_DECLINED APPLICANT", "APPROVED EXPIRED CLOCK", "OFFER_ACCEPTED CONTRACTED OFFICER",
    "OFFER_ACCEPTED CONTRACTED APPLICANT", "CONTRACTED BOOKED SYSTEM", "DRAFT WITHDRAWN APPLICANT",
    "SUBMITTED WITHDRAWN APPLICANT", "UNDER_REVIEW WITHDRAWN APPLICANT", "INFO_REQUESTED WITHDRAWN APPLICANT",
    "APPROVED WITHDRAWN APPLICANT", "OFFER_ACCEPTED WITHDRAWN APPLICANT",
  ]

  @Test func applicationAllowsExactlyTheTable() {
    for from in Application.State.allCases {
      for to in Application.State.allCases {
        for actor in Application.Actor.allCases {
          let isAllowed = Self.applicationMoves.contains("\(from.rawValue) \(to.rawValue) \(actor.rawValue)")
          let passes = (try? Application.check(from: from, to: to, actor: actor)) != nil
          #expect(passes == isAllowed, "\(from) \(to) \(actor)")
        }
      }
    }
  }

  @Test func applicationEnds() {
    let final = Application.State.allCases.filter(\.isFinal)
    #expect(Set(final) == [.declined, .offerDeclined, .expired, .booked, .withdrawn])
    #expect(!Application.State.infoRequested.decisionClockRuns)
  }

  @Test func errorsNameWhatIsAllowed() {
    let illegal = #expect(throws: IllegalTransition.self) {
      try Application.check(from: .draft, to: .approved, actor: .applicant)
    }
    #expect(illegal?.allowed == ["SUBMITTED", "WITHDRAWN"])
    #expect(illegal?.description == "DRAFT cannot become APPROVED; allowed: SUBMITTED, WITHDRAWN")
    let actor = #expect(throws: IllegalTransition.self) {
      try Application.check(from: .underReview, to: .approved, actor: .applicant)
    }
    #expect(actor?.actor == "APPLICANT")
    #expect(actor?.allowedActors == ["LAST_STAGE_APPROVER"])
    #expect(actor?.allowed == ["WITHDRAWN"])
    let final = #expect(throws: IllegalTransition.self) {
      try Application.check(from: .booked, to: .draft, actor: .system)
    }
    #expect(final?.description == "BOOKED cannot become DRAFT; allowed: nothing")
    #expect(IllegalTransition.reason == "ILLEGAL_TRANSITION")
  }

  @Test(arguments: [
    (Loan.State.pendingDisbursement, ["ACTIVE", "CANCELLED"]),
    (.active, ["OVERDUE", "RESTRUCTURED", "SETTLED", "OVERPAID"]),
    (.overdue, ["ACTIVE", "RESTRUCTURED", "SETTLED", "OVERPAID", "WRITTEN_OFF"]),
    (.restructured, ["ACTIVE", "OVERDUE", "SETTLED", "OVERPAID", "WRITTEN_OFF"]),
    (.settled, ["OVERPAID"]),
    (.overpaid, ["SETTLED"]),
    (.writtenOff, ["SETTLED"]),
    (.cancelled, []),
  ])
  func loanMoves(state: Loan.State, next: [String]) {
    #expect(Loan.next(from: state).map(\.to.rawValue) == next)
  }

  @Test func loansAreCancelledOnlyBeforeDisbursement() {
    #expect(Loan.table.rows.filter { $0.to == .cancelled }.map(\.from) == [.pendingDisbursement])
    #expect(Loan.State.writtenOff.acceptsReceipts)
    #expect(!Loan.State.pendingDisbursement.acceptsReceipts)
  }

  @Test func tablesHaveNoRowTwice() {
    #expect(Set(Application.table.rows.map { [$0.from, $0.to] }).count == Application.table.rows.count)
    #expect(Set(Loan.table.rows.map { [$0.from, $0.to] }).count == Loan.table.rows.count)
  }
}
