import BigInt
import FinancialMath
import TestSupport
import Testing

@Suite struct RoundingTests {
  struct Case: Sendable {
    var numerator: Int64
    var denominator: Int64
    /// Half up, half even, up, down.
    var expected: [Int64]
  }

  @Test(arguments: [
    Case(numerator: 5, denominator: 2, expected: [3, 2, 3, 2]),
    Case(numerator: 7, denominator: 2, expected: [4, 4, 4, 3]),
    Case(numerator: -5, denominator: 2, expected: [-3, -2, -3, -2]),
    Case(numerator: 5, denominator: -2, expected: [-3, -2, -3, -2]),
    Case(numerator: -7, denominator: -2, expected: [4, 4, 4, 3]),
    Case(numerator: 1, denominator: 3, expected: [0, 0, 1, 0]),
    Case(numerator: 2, denominator: 3, expected: [1, 1, 1, 0]),
    Case(numerator: 6, denominator: 3, expected: [2, 2, 2, 2]),
    Case(numerator: 0, denominator: 3, expected: [0, 0, 0, 0]),
    Case(numerator: 1, denominator: 2, expected: [1, 0, 1, 0]),
  ])
  func modes(item: Case) throws {
    for (mode, expected) in zip([RoundingMode.halfUp, .halfEven, .up, .down], item.expected) {
      let rounding = Rounding(mode)
      #expect(try rounding.quotient(Int128(item.numerator), Int128(item.denominator)) == expected)
      #expect(try rounding.quotient(BigInt(item.numerator), BigInt(item.denominator)) == expected)
    }
  }

  @Test(arguments: [
    (RoundingMode.halfUp, Int64(100), Int64(1_250), Int64(1_300)), (.halfEven, 100, 1_250, 1_200),
    (.up, 100, 1_201, 1_300),
    (.down, 100, 1_299, 1_200), (.halfUp, 5, 12, 10), (.halfUp, 5, 13, 15), (.halfUp, 5, -13, -15), (.up, 5, 0, 0),
  ])
  func multiples(mode: RoundingMode, multiple: Int64, value: Int64, expected: Int64) throws {
    let rounding = try Rounding(mode, multipleOf: multiple)
    #expect(try rounding.quotient(Int128(value), 1) == expected)
    #expect(try rounding.quotient(BigInt(value), 1) == expected)
  }

  @Test func whatCannotBeRounded() throws {
    #expect(throws: RoundingError.multipleNotPositive(0)) { try Rounding(.up, multipleOf: 0) }
    #expect(throws: RoundingError.divisionByZero) { try Rounding(.up).quotient(Int128(1), 0) }
    #expect(throws: RoundingError.divisionByZero) { try Rounding(.up).quotient(BigInt(1), 0) }
    #expect(throws: RoundingError.overflow) { try Rounding(.up).quotient(Int128.min, -1) }
    #expect(throws: RoundingError.overflow) { try Rounding(.up).quotient(Int128(Int64.max) + 1, 1) }
    #expect(try Rounding(.up).quotient(Int128(Int64.min), 1) == .min)
    #expect(try Rounding(.up, multipleOf: .max).quotient(Int128(1), Int128.max) == .max)
    #expect(try Rounding(.halfUp, multipleOf: .max).quotient(Int128.max, Int128.min) == 0)
  }

  @Test func bothWidthsAgree() throws {
    var random = Seeded(1)
    for _ in 0..<2_000 {
      let numerator = Int128(Int64.random(in: .min ... .max, using: &random))
      var denominator = Int128(Int64.random(in: -1_000_000...1_000_000, using: &random))
      if denominator == 0 { denominator = 1 }
      let mode = RoundingMode.allCases.randomElement(using: &random) ?? .up
      let rounding = try Rounding(mode, multipleOf: Int64.random(in: 1...1_000, using: &random))
      let narrow = Result { try rounding.quotient(numerator, denominator) }
      let wide = Result { try rounding.quotient(BigInt(numerator), BigInt(denominator)) }
      #expect((try? narrow.get()) == (try? wide.get()))
      if let value = try? narrow.get() {
        #expect(value.isMultiple(of: rounding.multipleOf))
        // Never further than one step from the exact value.
        let distance = (Int128(value) * denominator - numerator).magnitude
        #expect(distance < UInt128(rounding.multipleOf) * denominator.magnitude)
      }
    }
  }
}
