import Contracts
import FinancialMath
import RPC
import Terms

extension PaymentFrequency {
  /// The frequency in a request; monthly where there is none.
  ///
  /// - Throws: INVALID_ARGUMENT naming the part of `field` at fault.
  public init(_ message: TypeV1.PaymentFrequency?, field: String) throws(RPCError) {
    switch message?.frequency {
    case nil: self = .monthly(every: 1)
    case .everyMonths(let months): self = .monthly(every: Int(months))
    case .everyDays(let days): self = .everyDays(Int(days))
    }
    do throws(ScheduleError) {
      try validate()
    } catch {
      throw error.rpcError(prefix: field == "frequency" ? "" : String(field.dropLast("frequency".count)))
    }
  }
}

extension PaymentFrequency {
  /// The frequency as the contract has it.
  public var message: TypeV1.PaymentFrequency {
    switch self {
    case .monthly(let months): TypeV1.PaymentFrequency(frequency: .everyMonths(Int32(clamping: months)))
    case .everyDays(let days): TypeV1.PaymentFrequency(frequency: .everyDays(Int32(clamping: days)))
    }
  }
}

extension ScheduleError {
  /// The error as the caller of a request sees it.
  ///
  /// - Parameter prefix: What stands before the fields of the terms in the request, such as `product.`.
  public func rpcError(prefix: String = "") -> RPCError {
    .invalidArgument(field: prefix + field, message, reason: reason.rawValue)
  }
}

extension Schedule {
  /// The schedule of the given terms, with its errors as a caller sees them.
  public static func compute(_ terms: ScheduleTerms, prefix: String) throws(RPCError) -> Schedule {
    do throws(ScheduleError) {
      return try compute(terms)
    } catch {
      throw error.rpcError(prefix: prefix)
    }
  }

  /// The schedule of these terms as the contract has it, with what it costs in a year.
  public func message(of terms: ScheduleTerms) -> ScheduleV1.Schedule {
    ScheduleV1.Schedule(
      installments: rows.map(\.message),
      totalPrincipal: totalPrincipal.message,
      totalInterest: totalInterest.message,
      total: totalPayment.message,
      annualizedCost: annualizedCost(of: terms).map {
        ScheduleV1.AnnualizedCost(nominalRateE8: $0.nominal.e8, effectiveRateE8: $0.effective.e8)
      })
  }
}

extension Installment {
  /// The row as the contract has it.
  var message: ScheduleV1.ScheduledInstallment {
    ScheduleV1.ScheduledInstallment(
      number: Int32(number),
      dueDate: dueDate.message,
      opening: opening.message,
      principal: principal.message,
      interest: interest.message,
      total: total.message,
      closing: closing.message)
  }
}
