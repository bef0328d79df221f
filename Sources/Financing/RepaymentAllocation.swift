import FinancialMath

/// What a receipt pays.
public enum DueComponent: String, Sendable, Hashable, CaseIterable {
  case penalty = "PENALTY"
  case fee = "FEE"
  case interest = "INTEREST"
  case principal = "PRINCIPAL"
}

/// The order in which a receipt pays what is due; a rule of the product.
public struct AllocationOrder: Sendable, Hashable {
  /// Each component once.
  public let components: [DueComponent]

  /// Penalty, fee, interest, principal.
  public static let standard = AllocationOrder(checked: [.penalty, .fee, .interest, .principal])

  /// - Throws: `AllocationError.incompleteOrder` unless each component is named exactly once.
  public init(_ components: [DueComponent]) throws(AllocationError) {
    guard components.count == DueComponent.allCases.count, Set(components).count == components.count else {
      throw .incompleteOrder(components)
    }
    self.components = components
  }

  private init(checked components: [DueComponent]) { self.components = components }
}

/// What is still owed of one installment.
public struct InstallmentDue: Sendable, Hashable {
  public var number: Int
  public var dueDate: CivilDate
  public var penalty: Money
  public var fee: Money
  public var interest: Money
  public var principal: Money

  public init(number: Int, dueDate: CivilDate, penalty: Money, fee: Money, interest: Money, principal: Money) {
    self.number = number
    self.dueDate = dueDate
    self.penalty = penalty
    self.fee = fee
    self.interest = interest
    self.principal = principal
  }

  public subscript(component: DueComponent) -> Money {
    switch component {
    case .penalty: penalty
    case .fee: fee
    case .interest: interest
    case .principal: principal
    }
  }
}

/// How one receipt was used. `paid` + `advance` + `overpayment` is the receipt, always.
public struct RepaymentAllocation: Sendable, Hashable {
  /// One payment of a component of an installment; never zero.
  public struct Line: Sendable, Hashable {
    public let installment: Int
    public let component: DueComponent
    public let amount: Money

    public init(installment: Int, component: DueComponent, amount: Money) {
      self.installment = installment
      self.component = component
      self.amount = amount
    }
  }

  /// In the order of payment.
  public let lines: [Line]
  /// The sum of the lines.
  public let paid: Money
  /// Excess that later installments can still use.
  public let advance: Money
  /// Excess beyond all that is owed; to be refunded.
  public let overpayment: Money

  /// The sum paid of one component.
  public func paid(_ component: DueComponent) -> Money {
    // Part of `paid`, so it cannot overflow.
    Money(lines.reduce(0) { $1.component == component ? $0 + $1.amount.minorUnits : $0 }, paid.currency)
  }
}

/// Why a receipt could not be allocated.
public enum AllocationError: Error, Sendable, Hashable, CustomStringConvertible {
  case incompleteOrder([DueComponent])
  case receiptNotPositive(Money)
  /// Owed amounts are never negative.
  case negativeDue(installment: Int, DueComponent)
  case duplicateInstallment(Int)
  case money(MoneyError)

  public var description: String {
    switch self {
    case .incompleteOrder(let components):
      "an order names each component once, not \(components.map(\.rawValue).joined(separator: ", "))"
    case .receiptNotPositive(let receipt): "a receipt must be positive, not \(receipt)"
    case .negativeDue(let installment, let component):
      "installment \(installment) owes a negative \(component.rawValue)"
    case .duplicateInstallment(let number): "installment \(number) is listed twice"
    case .money(let error): error.description
    }
  }
}

extension RepaymentAllocation {
  /// Pays what is due on or before `date`: the oldest installment first, its components in the product's order.
  ///
  /// - Parameter dues: what is still owed of each installment, in any order; those due later only decide how much of the
  ///   excess is an advance.
  public static func allocate(
    _ receipt: Money,
    to dues: [InstallmentDue],
    dueBy date: CivilDate,
    order: AllocationOrder = .standard
  ) throws(AllocationError) -> RepaymentAllocation {
    guard receipt.isPositive else { throw .receiptNotPositive(receipt) }
    var seen: Set<Int> = []
    var lines: [Line] = []
    var rest = receipt.minorUnits
    var owedLater: Int128 = 0
    for due in dues.sorted(by: { ($0.dueDate, $0.number) < ($1.dueDate, $1.number) }) {
      guard seen.insert(due.number).inserted else { throw .duplicateInstallment(due.number) }
      for component in order.components {
        let owed = due[component]
        guard owed.currency == receipt.currency else {
          throw .money(.mixedCurrencies(receipt.currency, owed.currency))
        }
        guard !owed.isNegative else { throw .negativeDue(installment: due.number, component) }
        if due.dueDate > date {
          owedLater += Int128(owed.minorUnits)
        } else if rest > 0, owed.isPositive {
          let amount = min(rest, owed.minorUnits)
          rest -= amount
          lines.append(Line(installment: due.number, component: component, amount: Money(amount, owed.currency)))
        }
      }
    }
    let advance = Int64(clamping: min(Int128(rest), owedLater))
    return RepaymentAllocation(
      lines: lines,
      paid: Money(receipt.minorUnits - rest, receipt.currency),
      advance: Money(advance, receipt.currency),
      overpayment: Money(rest - advance, receipt.currency)
    )
  }
}
