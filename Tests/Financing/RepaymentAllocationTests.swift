import FinancialMath
import Financing
import TestSupport
import Testing

@Suite struct RepaymentAllocationTests {
  private func cny(_ minorUnits: Int64) -> Money { Money(minorUnits, .cny) }

  private func due(_ number: Int, _ date: String, _ amounts: [Int64]) throws -> InstallmentDue {
    InstallmentDue(
      number: number,
      dueDate: try CivilDate(iso8601: date),
      penalty: cny(amounts[0]),
      fee: cny(amounts[1]),
      interest: cny(amounts[2]),
      principal: cny(amounts[3])
    )
  }

  /// Two installments due, one later; listed out of order.
  private func dues() throws -> [InstallmentDue] {
    [
      try due(2, "2024-03-01", [5, 0, 84, 1_641]), try due(1, "2024-02-01", [10, 20, 100, 1_625]),
      try due(3, "2024-04-01", [0, 0, 67, 1_658]),
    ]
  }

  struct Case: Sendable {
    var receipt: Int64
    /// installment, component, amount.
    var lines: [String]
    var advance: Int64 = 0
    var overpayment: Int64 = 0
  }

  static let first = ["1 PENALTY 10", "1 FEE 20", "1 INTEREST 100", "1 PRINCIPAL 1625"]
  static let second = ["2 PENALTY 5", "2 INTEREST 84", "2 PRINCIPAL 1641"]

  @Test(arguments: [
    Case(receipt: 7, lines: ["1 PENALTY 7"]),
    Case(receipt: 31, lines: ["1 PENALTY 10", "1 FEE 20", "1 INTEREST 1"]),
    Case(receipt: 1_755, lines: first),
    Case(receipt: 1_800, lines: first + ["2 PENALTY 5", "2 INTEREST 40"]),
    Case(receipt: 3_485, lines: first + second),
    Case(receipt: 3_486, lines: first + second, advance: 1),
    Case(receipt: 5_210, lines: first + second, advance: 1_725),
    Case(receipt: 5_215, lines: first + second, advance: 1_725, overpayment: 5),
  ])
  func standardOrder(item: Case) throws {
    let date = try CivilDate(iso8601: "2024-03-01")
    let result = try RepaymentAllocation.allocate(cny(item.receipt), to: dues(), dueBy: date)
    #expect(result.lines.map { "\($0.installment) \($0.component.rawValue) \($0.amount.minorUnits)" } == item.lines)
    #expect(result.advance == cny(item.advance))
    #expect(result.overpayment == cny(item.overpayment))
    #expect(result.paid.minorUnits + item.advance + item.overpayment == item.receipt)
  }

  @Test func theOrderIsTheProducts() throws {
    let order = try AllocationOrder([.principal, .interest, .fee, .penalty])
    let date = try CivilDate(iso8601: "2024-02-01")
    let result = try RepaymentAllocation.allocate(cny(1_700), to: dues(), dueBy: date, order: order)
    #expect(result.paid(.principal) == cny(1_625))
    #expect(result.paid(.interest) == cny(75))
    #expect(result.paid(.penalty) == cny(0))
    #expect(throws: AllocationError.self) { try AllocationOrder([.principal, .interest, .fee]) }
    #expect(throws: AllocationError.self) { try AllocationOrder([.principal, .interest, .fee, .fee]) }
  }

  @Test func whatCannotBeAllocated() throws {
    let date = try CivilDate(iso8601: "2024-03-01")
    let dues = try dues()
    #expect(throws: AllocationError.receiptNotPositive(cny(0))) {
      try RepaymentAllocation.allocate(cny(0), to: dues, dueBy: date)
    }
    let yen = try Currency("JPY")
    #expect(throws: AllocationError.money(.mixedCurrencies(yen, .cny))) {
      try RepaymentAllocation.allocate(Money(1, yen), to: dues, dueBy: date)
    }
    #expect(throws: AllocationError.duplicateInstallment(1)) {
      try RepaymentAllocation.allocate(cny(1), to: dues + [dues[1]], dueBy: date)
    }
    let negative = try due(9, "2024-01-01", [0, -1, 0, 0])
    #expect(throws: AllocationError.negativeDue(installment: 9, .fee)) {
      try RepaymentAllocation.allocate(cny(1), to: [negative], dueBy: date)
    }
  }

  @Test func amountsNearTheLimitDoNotTrap() throws {
    let huge = try [due(1, "2024-02-01", [.max, .max, .max, .max]), due(2, "2025-02-01", [.max, .max, .max, .max])]
    let date = try CivilDate(iso8601: "2024-03-01")
    let result = try RepaymentAllocation.allocate(cny(.max), to: huge, dueBy: date)
    #expect(result.paid(.penalty) == cny(.max))
    let later = try RepaymentAllocation.allocate(cny(.max), to: huge, dueBy: CivilDate(iso8601: "2024-01-01"))
    #expect(later.advance == cny(.max))
  }

  @Test func alwaysSumsToTheReceipt() throws {
    var random = Seeded(3)
    let start = try CivilDate(iso8601: "2024-01-01")
    for _ in 0..<500 {
      var dues: [InstallmentDue] = []
      for number in 1...Int.random(in: 1...12, using: &random) {
        let date = try start.adding(days: Int.random(in: 0...400, using: &random))
        let amounts = (0..<4).map { _ in Int64.random(in: 0...1_000, using: &random) }
        dues.append(try due(number, date.description, amounts))
      }
      let date = try start.adding(days: Int.random(in: 0...400, using: &random))
      let receipt = cny(Int64.random(in: 1...40_000, using: &random))
      let order = try AllocationOrder(DueComponent.allCases.shuffled(using: &random))
      let result = try RepaymentAllocation.allocate(receipt, to: dues, dueBy: date, order: order)
      #expect(try Money.sum(result.lines.map(\.amount), in: .cny) == result.paid)
      #expect(try Money.sum([result.paid, result.advance, result.overpayment], in: .cny) == receipt)
      #expect(try Money.sum(DueComponent.allCases.map { result.paid($0) }, in: .cny) == result.paid)
      #expect(result.lines.allSatisfy { $0.amount.isPositive })
      for due in dues {
        for component in DueComponent.allCases {
          let paid = result.lines.filter { $0.installment == due.number && $0.component == component }
          #expect(paid.count <= 1)
          #expect(paid.allSatisfy { $0.amount.minorUnits <= due[component].minorUnits && due.dueDate <= date })
        }
      }
    }
  }
}
