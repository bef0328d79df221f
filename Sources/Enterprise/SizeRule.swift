import FinancialMath

/// One version of the classification, as data.
public struct SizeRule: Sendable {
  /// The document that sets the thresholds.
  public let source: String
  /// First day the rule applies.
  public let validFrom: CivilDate
  private let rows: [SizeIndustry: [SizeThreshold]]

  /// The thresholds that an industry's class follows from; at least one.
  public func thresholds(for industry: SizeIndustry) -> [SizeThreshold] { rows[industry] ?? [] }
}

/// The least values of one figure for three classes; persons for employees, fen for amounts.
public struct SizeThreshold: Sendable, Hashable {
  public let figure: SizeFigure
  public let large: Int64
  public let medium: Int64
  public let small: Int64
}

extension SizeRule {
  /// All versions, oldest first.
  public static let versions: [SizeRule] = [rule2011].compactMap { $0 }

  /// The version in force on a day; nil before the first.
  public static func inForce(on date: CivilDate) -> SizeRule? { versions.last { $0.validFrom <= date } }

  /// 工信部联企业〔2011〕300号, in force since 2011-06-18. Nil cannot happen: the date exists.
  private static let rule2011: SizeRule? = (try? CivilDate(year: 2011, month: 6, day: 18)).map { validFrom in
    SizeRule(
      source: "工信部联企业〔2011〕300号",
      validFrom: validFrom,
      rows: [
        .agriculture: [.revenue(20_000, 500, 50)],
        .industry: [.employees(1_000, 300, 20), .revenue(40_000, 2_000, 300)],
        .construction: [.revenue(80_000, 6_000, 300), .assets(80_000, 5_000, 300)],
        .wholesale: [.employees(200, 20, 5), .revenue(40_000, 5_000, 1_000)],
        .retail: [.employees(300, 50, 10), .revenue(20_000, 500, 100)],
        .transport: [.employees(1_000, 300, 20), .revenue(30_000, 3_000, 200)],
        .warehousing: [.employees(200, 100, 20), .revenue(30_000, 1_000, 100)],
        .post: [.employees(1_000, 300, 20), .revenue(30_000, 2_000, 100)],
        .accommodationAndCatering: [.employees(300, 100, 10), .revenue(10_000, 2_000, 100)],
        .informationTransmission: [.employees(2_000, 100, 10), .revenue(100_000, 1_000, 100)],
        .software: [.employees(300, 100, 10), .revenue(10_000, 1_000, 50)],
        .realEstate: [.revenue(200_000, 1_000, 100), .assets(10_000, 5_000, 2_000)],
        .propertyManagement: [.employees(1_000, 300, 100), .revenue(5_000, 1_000, 500)],
        .leasingAndBusinessServices: [.employees(300, 100, 10), .assets(120_000, 8_000, 100)],
        .other: [.employees(300, 100, 10)],
      ]
    )
  }
}

extension SizeThreshold {
  /// 10 000 CNY, the unit of the table, in fen.
  private static let tableUnitFen: Int64 = 1_000_000

  fileprivate static func employees(_ large: Int64, _ medium: Int64, _ small: Int64) -> SizeThreshold {
    SizeThreshold(figure: .employees, large: large, medium: medium, small: small)
  }

  fileprivate static func revenue(_ large: Int64, _ medium: Int64, _ small: Int64) -> SizeThreshold {
    amount(.annualRevenue, large, medium, small)
  }

  fileprivate static func assets(_ large: Int64, _ medium: Int64, _ small: Int64) -> SizeThreshold {
    amount(.totalAssets, large, medium, small)
  }

  private static func amount(_ figure: SizeFigure, _ large: Int64, _ medium: Int64, _ small: Int64) -> SizeThreshold {
    SizeThreshold(
      figure: figure,
      large: large * tableUnitFen,
      medium: medium * tableUnitFen,
      small: small * tableUnitFen
    )
  }
}
