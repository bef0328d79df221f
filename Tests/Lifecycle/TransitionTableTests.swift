import Catalog
import Contracts
import Enterprise
import Financing
import Protobuf
import Testing

@testable import Lifecycle

/// Each table against the published one, written once more: state, state, actor.
@Suite struct TransitionTableTests {
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
  static let loanMoves: Set<String> = [
    "PENDING_DISBURSEMENT ACTIVE OFFICER", "PENDING_DISBURSEMENT CANCELLED OFFICER", "ACTIVE OVERDUE CLOCK",
    "ACTIVE RESTRUCTURED APPROVER", "ACTIVE SETTLED SYSTEM", "ACTIVE OVERPAID SYSTEM", "OVERDUE ACTIVE SYSTEM",
    "OVERDUE OVERDUE CLOCK",
    "OVERDUE ACTIVE CLOCK", "OVERDUE RESTRUCTURED APPROVER", "OVERDUE RESTRUCTURED SYSTEM",
    "OVERDUE RESTRUCTURED CLOCK", "OVERDUE SETTLED SYSTEM", "OVERDUE OVERPAID SYSTEM",
    "OVERDUE WRITTEN_OFF APPROVER", "RESTRUCTURED ACTIVE CLOCK", "RESTRUCTURED OVERDUE CLOCK",
    "RESTRUCTURED SETTLED SYSTEM", "RESTRUCTURED OVERPAID SYSTEM", "RESTRUCTURED WRITTEN_OFF APPROVER",
    "SETTLED OVERPAID SYSTEM", "OVERPAID SETTLED SYSTEM", "WRITTEN_OFF SETTLED SYSTEM",
  ]
  static let productMoves: Set<String> = [
    "DRAFT IN_TEST OFFICER", "IN_TEST PUBLISHED OFFICER", "PUBLISHED SUSPENDED OFFICER", "SUSPENDED PUBLISHED OFFICER",
    "SUSPENDED RETIRED OFFICER",
  ]
  static let enterpriseMoves: Set<String> = [
    "DRAFT PENDING_VERIFICATION APPLICANT", "PENDING_VERIFICATION VERIFIED OFFICER", "VERIFIED SUSPENDED OFFICER",
    "SUSPENDED VERIFIED OFFICER", "SUSPENDED CLOSED OFFICER",
  ]

  @Test func tablesAllowExactlyWhatIsPublished() {
    expect(ApplicationLifecycle.table, Self.applicationMoves)
    expect(LoanLifecycle.table, Self.loanMoves)
    expect(ProductLifecycle.table, Self.productMoves)
    expect(EnterpriseLifecycle.table, Self.enterpriseMoves)
  }

  private func expect<State>(_ table: TransitionTable<State>, _ moves: Set<String>) {
    for from in State.allCases {
      for to in State.allCases {
        for actor in Actor.allCases {
          let isAllowed = moves.contains("\(from.label) \(to.label) \(actor.rawValue)")
          let passes = (try? table.check(from: from, to: to, actor: actor)) != nil
          #expect(passes == isAllowed, "\(from) \(to) \(actor)")
        }
      }
    }
    #expect(Set(table.rows.map { [$0.from, $0.to] }).count == table.rows.count, "a row stands twice")
  }

  @Test func lifecyclesEnd() {
    #expect(final(ApplicationLifecycle.table) == [.declined, .offerDeclined, .expired, .booked, .withdrawn])
    #expect(final(LoanLifecycle.table) == [.cancelled])
    #expect(final(ProductLifecycle.table) == [.retired])
    #expect(final(EnterpriseLifecycle.table) == [.closed])
  }

  private func final<State>(_ table: TransitionTable<State>) -> Set<State> {
    Set(table.rows.map(\.to)).subtracting(table.rows.map(\.from))
  }

  @Test func errorsNameWhatIsAllowed() {
    let table = ApplicationLifecycle.table
    let illegal = #expect(throws: IllegalTransition.self) {
      try table.check(from: .draft, to: .approved, actor: .applicant)
    }
    #expect(illegal?.allowed == ["SUBMITTED", "WITHDRAWN"])
    #expect(illegal?.description == "DRAFT cannot become APPROVED; allowed: SUBMITTED, WITHDRAWN")
    let actor = #expect(throws: IllegalTransition.self) {
      try table.check(from: .underReview, to: .approved, actor: .applicant)
    }
    #expect(actor?.actor == "APPLICANT")
    #expect(actor?.allowedActors == ["LAST_STAGE_APPROVER"])
    #expect(actor?.allowed == ["WITHDRAWN"])
    let final = #expect(throws: IllegalTransition.self) {
      try table.check(from: .booked, to: .draft, actor: .system)
    }
    #expect(final?.description == "BOOKED cannot become DRAFT; allowed: nothing")
    let error = illegal?.rpcError(of: "applications/1")
    #expect(error?.code == .failedPrecondition)
    #expect(error?.reason == "ILLEGAL_TRANSITION")
    #expect(error?.metadata == ["from": "DRAFT", "to": "APPROVED", "allowed": "SUBMITTED,WITHDRAWN"])
  }
}
