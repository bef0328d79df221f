/// A positive number of 128 significant bits and a binary exponent. Each result is rounded down or up as asked, so that
/// a bound stays a bound.
struct DirectedNumber: Comparable {
  enum Direction { case down, up }

  /// The value is significand · 2^(exponent − 128), and the significand's top bit is set.
  private let significand: UInt128
  private let exponent: Int

  private init(_ significand: UInt128, _ exponent: Int) {
    self.significand = significand
    self.exponent = exponent
  }

  /// `numerator / denominator`; both must be positive, and the quotient at most 1.
  init(_ numerator: UInt128, over denominator: UInt128, _ direction: Direction) {
    guard numerator < denominator else {
      self.init(1 << 127, 1)
      return
    }
    // Shifted by the same, the quotient's first bit comes from the 128 below the point.
    let shift = denominator.leadingZeroBitCount
    let (divisor, high) = (denominator << UInt128(shift), numerator << UInt128(shift))
    let (first, rest) = divisor.dividingFullWidth((high, 0))
    let lift = first.leadingZeroBitCount
    guard lift > 0 else {
      self = DirectedNumber(first, 0).roundedUp(direction == .up && rest > 0)
      return
    }
    let second = divisor.dividingFullWidth((rest, 0))
    let significand = first << UInt128(lift) | second.quotient >> UInt128(128 - lift)
    let isExact = second.quotient << UInt128(lift) == 0 && second.remainder == 0
    self = DirectedNumber(significand, -lift).roundedUp(direction == .up && !isExact)
  }

  static func < (left: DirectedNumber, right: DirectedNumber) -> Bool {
    (left.exponent, left.significand) < (right.exponent, right.significand)
  }

  /// By squaring; `exponent` is at least 1.
  func power(_ exponent: Int64, _ direction: Direction) -> DirectedNumber {
    var result: DirectedNumber?
    var square = self
    var rest = exponent
    while true {
      if rest & 1 == 1 { result = result?.times(square, direction) ?? square }
      rest >>= 1
      guard rest > 0 else { return result ?? square }
      square = square.times(square, direction)
    }
  }

  private func times(_ other: DirectedNumber, _ direction: Direction) -> DirectedNumber {
    var (high, low) = significand.multipliedFullWidth(by: other.significand)
    var exponent = exponent + other.exponent
    if high.leadingZeroBitCount > 0 {
      high = high << 1 | low >> 127
      low <<= 1
      exponent -= 1
    }
    return DirectedNumber(high, exponent).roundedUp(direction == .up && low > 0)
  }

  private func roundedUp(_ isUp: Bool) -> DirectedNumber {
    guard isUp else { return self }
    let (next, overflow) = significand.addingReportingOverflow(1)
    return overflow ? DirectedNumber(1 << 127, exponent + 1) : DirectedNumber(next, exponent)
  }
}
