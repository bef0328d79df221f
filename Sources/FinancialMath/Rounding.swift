import BigInt

/// What to do with the part of an amount that is smaller than the unit it is rounded to.
public enum RoundingMode: String, Sendable, Hashable, CaseIterable {
  /// To the nearest unit; a half goes away from zero.
  case halfUp = "HALF_UP"
  /// To the nearest unit; a half goes to the even neighbor.
  case halfEven = "HALF_EVEN"
  /// Away from zero.
  case up = "UP"
  /// Toward zero.
  case down = "DOWN"
}

/// How a product rounds amounts: a mode and the multiple of minor units that amounts come in.
public struct Rounding: Sendable, Hashable {
  public let mode: RoundingMode
  /// The step, in minor units: 1 rounds to the minor unit, 100 to a whole unit of a currency with two decimals.
  public let multipleOf: Int64

  /// - Throws: `RoundingError.multipleNotPositive` when `multipleOf` is below 1.
  public init(_ mode: RoundingMode, multipleOf: Int64) throws(RoundingError) {
    guard multipleOf >= 1 else { throw .multipleNotPositive(multipleOf) }
    self.mode = mode
    self.multipleOf = multipleOf
  }

  /// Rounds to the minor unit.
  public init(_ mode: RoundingMode) {
    self.mode = mode
    self.multipleOf = 1
  }

  /// The same mode to the minor unit.
  public var toMinorUnit: Rounding { Rounding(mode) }

  /// The same multiple, toward zero.
  public var downward: Rounding { Rounding(mode: .down, step: multipleOf) }

  private init(mode: RoundingMode, step: Int64) {
    self.mode = mode
    self.multipleOf = step
  }
}

/// Why a quotient could not be rounded.
public enum RoundingError: Error, Sendable, Hashable, CustomStringConvertible {
  case multipleNotPositive(Int64)
  case divisionByZero
  /// The result, or an intermediate of it, does not fit.
  case overflow

  public var description: String {
    switch self {
    case .multipleNotPositive(let multiple): "a rounding multiple must be at least 1 minor unit, not \(multiple)"
    case .divisionByZero: "the denominator is zero"
    case .overflow: "the rounded amount does not fit in 64 bits"
    }
  }
}

extension Rounding {
  /// `numerator / denominator` rounded once to the multiple, in minor units.
  public func quotient(_ numerator: Int128, _ denominator: Int128) throws(RoundingError) -> Int64 {
    guard denominator != 0 else { throw .divisionByZero }
    let (divisor, overflow) = denominator.magnitude.multipliedReportingOverflow(by: UInt128(multipleOf))
    // A divisor beyond 128 bits is larger than any numerator, but by how much still decides the rounding.
    if overflow { return try quotient(BigInt(numerator), BigInt(denominator)) }
    var (steps, rest) = numerator.magnitude.quotientAndRemainder(dividingBy: divisor)
    if rest != 0 {
      let left = divisor - rest
      if roundsAway(half: rest == left ? .equal : (rest > left ? .above : .below), oddSteps: steps & 1 == 1) {
        steps += 1  // cannot overflow: a rest means the divisor is at least 2, so steps is at most half the range
      }
    }
    let (magnitude, tooLarge) = steps.multipliedReportingOverflow(by: UInt128(multipleOf))
    guard !tooLarge, let unsigned = Int128(exactly: magnitude) else { throw .overflow }
    guard let result = Int64(exactly: (numerator < 0) != (denominator < 0) ? -unsigned : unsigned) else {
      throw .overflow
    }
    return result
  }

  /// `numerator / denominator` rounded once to the multiple, in minor units; for exact intermediates of any size.
  public func quotient(_ numerator: BigInt, _ denominator: BigInt) throws(RoundingError) -> Int64 {
    guard !denominator.isZero else { throw .divisionByZero }
    let divisor = denominator.magnitude * BigUInt(multipleOf)
    var (steps, rest) = numerator.magnitude.quotientAndRemainder(dividingBy: divisor)
    if !rest.isZero {
      let left = divisor - rest
      if roundsAway(half: rest == left ? .equal : (rest > left ? .above : .below), oddSteps: steps[bitAt: 0]) {
        steps += 1
      }
    }
    let isNegative = (numerator.sign == .minus) != (denominator.sign == .minus)
    let value = BigInt(sign: isNegative ? .minus : .plus, magnitude: steps * BigUInt(multipleOf))
    guard let result = Int64(exactly: value) else { throw .overflow }
    return result
  }

  /// Where the rest lies, seen from the middle between two steps.
  private enum Half { case below, equal, above }

  private func roundsAway(half: Half, oddSteps: Bool) -> Bool {
    switch mode {
    case .up: true
    case .down: false
    case .halfUp: half != .below
    case .halfEven: half == .above || (half == .equal && oddSteps)
    }
  }
}
