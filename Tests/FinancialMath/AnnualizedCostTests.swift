import FinancialMath
import TestSupport
import Testing

struct AnnualizedCostTests {
  typealias Payment = AnnualizedCost.Payment

  /// Payments of one amount in consecutive periods.
  struct Series: Sendable {
    var count: Int
    var amount: Int64
  }

  /// An example of US Regulation Z, 12 CFR 1026, Appendix J, (c), with its published rate in units of 0.01 %.
  struct Published: Sendable {
    var example: String
    var advance: Int64
    var series: [Series]
    var firstPeriod: Int32
    var oddPart: Ratio
    var perYear: Ratio
    var rate: Int64
  }

  static let published: [Published] = [
    Published(
      example: "(1)(i) monthly", advance: 5_000_00, series: [Series(count: 24, amount: 230_00)], firstPeriod: 1,
      oddPart: .zero, perYear: Ratio(12), rate: 9_69),
    Published(
      example: "(1)(ii) monthly, long first period", advance: 6_000_00, series: [Series(count: 36, amount: 200_00)],
      firstPeriod: 1, oddPart: Ratio(19, over: 30), perYear: Ratio(12), rate: 11_82),
    Published(
      example: "(1)(iii) semimonthly, short first period", advance: 5_000_00,
      series: [Series(count: 24, amount: 219_17)], firstPeriod: 0, oddPart: Ratio(6, over: 15), perYear: Ratio(24),
      rate: 10_34),
    Published(
      example: "(1)(iv) quarterly, long first period", advance: 10_000_00, series: [Series(count: 40, amount: 385_00)],
      firstPeriod: 1, oddPart: Ratio(39, over: 90), perYear: Ratio(4), rate: 8_97),
    Published(
      example: "(1)(v) weekly, long first period", advance: 500_00, series: [Series(count: 30, amount: 17_60)],
      firstPeriod: 4, oddPart: Ratio(4, over: 7), perYear: Ratio(52), rate: 14_96),
    Published(
      example: "(2)(i) irregular first payment", advance: 5_000_00,
      series: [Series(count: 1, amount: 250_00), Series(count: 23, amount: 230_00)], firstPeriod: 1, oddPart: .zero,
      perYear: Ratio(12), rate: 10_08),
    Published(
      example: "(2)(ii) every four weeks, long first period", advance: 400_00,
      series: [Series(count: 1, amount: 39_50), Series(count: 11, amount: 38_31)], firstPeriod: 1,
      oddPart: Ratio(5, over: 28), perYear: Ratio(13), rate: 28_50),
    Published(
      example: "(3)(i) irregular final payment", advance: 5_000_00,
      series: [Series(count: 23, amount: 230_00), Series(count: 1, amount: 280_00)], firstPeriod: 1, oddPart: .zero,
      perYear: Ratio(12), rate: 10_50),
    Published(
      example: "(3)(ii) every two weeks, short first period", advance: 200_00,
      series: [Series(count: 19, amount: 9_50), Series(count: 1, amount: 30_00)], firstPeriod: 0,
      oddPart: Ratio(8, over: 14), perYear: Ratio(26), rate: 12_22),
    Published(
      example: "(4)(ii) every two months, short first period", advance: 8_000_00,
      series: [Series(count: 1, amount: 449_36), Series(count: 18, amount: 465_00), Series(count: 1, amount: 200_00)],
      firstPeriod: 0, oddPart: Ratio(52, over: 60), perYear: Ratio(6), rate: 7_30),
    Published(
      example: "(5)(i) 255 days", advance: 1_000_00, series: [Series(count: 1, amount: 1_080_00)], firstPeriod: 1,
      oddPart: .zero, perYear: Ratio(365, over: 255), rate: 11_45),
    Published(
      example: "(5)(ii) six months", advance: 1_000_00, series: [Series(count: 1, amount: 1_044_00)], firstPeriod: 1,
      oddPart: .zero, perYear: Ratio(2), rate: 8_80),
    Published(
      example: "(5)(iii) a year and a half", advance: 1_000_00, series: [Series(count: 1, amount: 1_135_19)],
      firstPeriod: 1, oddPart: Ratio(6, over: 12), perYear: Ratio(1), rate: 8_76),
    Published(
      example: "(5)(iv) two years", advance: 1_000_00, series: [Series(count: 1, amount: 1_240_00)], firstPeriod: 2,
      oddPart: .zero, perYear: Ratio(1), rate: 11_36),
  ]

  @Test(arguments: published)
  func unitPeriodActuarialMethod(item: Published) throws {
    let amounts = item.series.flatMap { Array(repeating: $0.amount, count: $0.count) }
    let payments = amounts.enumerated().map { Payment(period: item.firstPeriod + Int32($0.offset), amount: $0.element) }
    let cost = try AnnualizedCost(
      advance: item.advance, payments: payments, oddPart: item.oddPart, periodsPerYear: item.perYear)
    #expect(try Rounding(.halfUp).quotient(Int128(cost.nominal.e8), 10_000) == item.rate, "\(item.example)")
  }

  /// The EU's formula, Directive 2008/48/EC, Annex I: 1 000 against 1 200 after 546 days is 12.96 %.
  @Test func euFormula() throws {
    for (period, perYear) in [(Int32(546), Ratio(365)), (1, Ratio(365, over: 546))] {
      let cost = try AnnualizedCost(
        advance: 1_000_00, payments: [Payment(period: period, amount: 1_200_00)], periodsPerYear: perYear)
      #expect(cost.effective.e8 / 10_000 == 12_96)
    }
  }

  /// A loan of a year at 12 % in one payment costs 12 %, and that month by month compounds to as much.
  @Test func oneYear() throws {
    let yearly = try AnnualizedCost(
      advance: 100_00, payments: [Payment(period: 1, amount: 112_00)], periodsPerYear: Ratio(1))
    #expect(yearly.nominal == Rate(e8: 12_000_000) && yearly.effective == Rate(e8: 12_000_000))
    let monthly = try AnnualizedCost(
      advance: 100_00, payments: [Payment(period: 12, amount: 112_00)], periodsPerYear: Ratio(12))
    #expect(monthly.effective == Rate(e8: 12_000_000))
    #expect(monthly.nominal < yearly.nominal)
  }

  /// A rate that lies half way between two is rounded up, and the least bit below it is rounded down: 1 / 2e8 of the
  /// principal, and (9 / 8)³ = 1.423 828 125.
  @Test func halves() throws {
    let half = try AnnualizedCost(
      advance: 200_000_000, payments: [Payment(period: 1, amount: 200_000_001)], periodsPerYear: Ratio(1))
    #expect(half.nominal.e8 == 1 && half.effective.e8 == 1)
    let less = try AnnualizedCost(
      advance: 200_000_001, payments: [Payment(period: 1, amount: 200_000_002)], periodsPerYear: Ratio(1))
    #expect(less.nominal.e8 == 0 && less.effective.e8 == 0)
    let cubed = try AnnualizedCost(
      advance: 8_00, payments: [Payment(period: 1, amount: 9_00)], periodsPerYear: Ratio(3))
    #expect(cubed.nominal.e8 == 37_500_000 && cubed.effective.e8 == 42_382_813)
  }

  @Test func nothingCostsNothing() throws {
    var random = Seeded(8)
    for _ in 0..<200 {
      let advance = Int64.random(in: 1...1_000_000_000_000_000, using: &random)
      let part = Int64.random(in: 0..<advance, using: &random)
      let cost = try AnnualizedCost(
        advance: advance, payments: [Payment(period: 1, amount: part), Payment(period: 9, amount: advance - part)],
        oddPart: Ratio(Int64.random(in: 0..<30, using: &random), over: 30), periodsPerYear: Ratio(12))
      #expect(cost.nominal == .zero && cost.effective == .zero)
    }
  }

  /// 1 000 000.00 at 4.9 % over 360 months; the installment of 5 307.27 is rounded, and so nearly is the rate.
  @Test func aLongLoan() throws {
    let payments = (1...360).map { Payment(period: $0, amount: 5_307_27) }
    let cost = try AnnualizedCost(advance: 1_000_000_00, payments: payments, periodsPerYear: Ratio(12))
    #expect(abs(cost.nominal.e8 - 4_900_000) < 100)
    #expect(abs(cost.effective.e8 - 5_011_600) < 100)
  }

  /// A fee that is kept back raises the cost.
  @Test func feesCount() throws {
    let payments = [Payment(period: 12, amount: 112_00)]
    let without = try AnnualizedCost(advance: 100_00, payments: payments, periodsPerYear: Ratio(12))
    let with = try AnnualizedCost(advance: 98_00, payments: payments, periodsPerYear: Ratio(12))
    #expect(try Rounding(.halfUp).quotient(Int128(with.effective.e8), 1_000) == 14_286)
    #expect(with.effective > without.effective)
  }

  @Test func noRateIsPickedWhereTwoFit() {
    // 10 % and 20 % both fit, from either side.
    for sign in [Int64(1), -1] {
      #expect(throws: AnnualizedCost.Failure.ambiguous) {
        try AnnualizedCost(
          advance: -100 * sign,
          payments: [Payment(period: 1, amount: -230 * sign), Payment(period: 2, amount: 132 * sign)],
          periodsPerYear: Ratio(1))
      }
    }
    // A loan with a later advance that changes the sign again.
    #expect(throws: AnnualizedCost.Failure.ambiguous) {
      try AnnualizedCost(
        advance: 100,
        payments: [
          Payment(period: 1, amount: 230), Payment(period: 2, amount: -132), Payment(period: 3, amount: 1),
        ], periodsPerYear: Ratio(1))
    }
  }

  /// A second advance before the payments leaves one rate: 100 and 50 a year later against 165 a year after that is
  /// 100 + 50 v = 165 v², v = (50 + √(50² + 4 · 165 · 100)) / (2 · 165).
  @Test func aSecondAdvance() throws {
    let cost = try AnnualizedCost(
      advance: 100, payments: [Payment(period: 1, amount: -50), Payment(period: 2, amount: 165)],
      periodsPerYear: Ratio(1))
    #expect(cost.nominal.e8 == 5_862_523 && cost.effective.e8 == 5_862_523)
  }

  struct Refused: Sendable {
    var advance: Int64
    var payments: [Payment]
    var oddPart = Ratio.zero
    var perYear = Ratio(12)
  }

  @Test(arguments: [
    Refused(advance: 0, payments: []),
    Refused(advance: 100, payments: []),
    Refused(advance: 0, payments: [Payment(period: 1, amount: 100)]),
    Refused(advance: 100, payments: [Payment(period: 1, amount: 50)]),
    Refused(advance: 100, payments: [Payment(period: 1, amount: 60), Payment(period: 0, amount: 60)]),
    Refused(advance: 100, payments: [Payment(period: -1, amount: 110)]),
    Refused(advance: 100, payments: [Payment(period: 1, amount: 110)], oddPart: Ratio(30, over: 30)),
    Refused(advance: 100, payments: [Payment(period: 1, amount: 110)], oddPart: Ratio(-1, over: 30)),
    Refused(advance: 100, payments: [Payment(period: 1, amount: 110)], oddPart: Ratio(0, over: 0)),
    Refused(advance: 100, payments: [Payment(period: 1, amount: 110)], oddPart: Ratio(1, over: -30)),
    Refused(advance: 100, payments: [Payment(period: 1, amount: 110)], perYear: Ratio(0)),
    Refused(advance: 100, payments: [Payment(period: 1, amount: 110)], perYear: Ratio(12, over: 0)),
  ])
  func noLoan(item: Refused) {
    #expect(throws: AnnualizedCost.Failure.undefined) {
      try AnnualizedCost(
        advance: item.advance, payments: item.payments, oddPart: item.oddPart, periodsPerYear: item.perYear)
    }
  }

  /// Beyond what the arithmetic holds there is an error, and no trap.
  @Test func amountsBeyondBounds() throws {
    let cost = try AnnualizedCost(
      advance: .max, payments: [Payment(period: 1, amount: .max), Payment(period: 2, amount: 1)],
      periodsPerYear: Ratio(12))
    #expect(cost.nominal == .zero)
    // Nearly two months: 1.1 = (1 + i)².
    let nearlyTwo = try AnnualizedCost(
      advance: 100, payments: [Payment(period: 1, amount: 110)], oddPart: Ratio(.max - 1, over: .max),
      periodsPerYear: Ratio(12))
    #expect(nearlyTwo.nominal.e8 == 58_570_618)
    let refused = [
      Refused(advance: .max, payments: [Payment(period: .max - 1, amount: .max), Payment(period: .max, amount: .max)]),
      Refused(advance: 1, payments: [Payment(period: 1, amount: .max)], perYear: Ratio(.max)),
      Refused(advance: 1, payments: [Payment(period: 1, amount: 2)], perYear: Ratio(365)),
      // Paid back at once with more than was lent.
      Refused(advance: 100, payments: [Payment(period: 0, amount: 110)]),
    ]
    for item in refused {
      #expect(throws: AnnualizedCost.Failure.overflow) {
        try AnnualizedCost(
          advance: item.advance, payments: item.payments, oddPart: item.oddPart, periodsPerYear: item.perYear)
      }
    }
  }
}
