import Enterprise
import FinancialMath
import Testing

@Suite struct SizeClassTests {
  struct Row: Sendable {
    var industry: SizeIndustry
    /// Large, medium, small; persons.
    var employees: [Int64]?
    /// In 10 000 CNY.
    var revenue: [Int64]?
    var assets: [Int64]?

    init(_ industry: SizeIndustry, emp: [Int64]? = nil, rev: [Int64]? = nil, assets: [Int64]? = nil) {
      (self.industry, employees, revenue, self.assets) = (industry, emp, rev, assets)
    }
  }

  /// The published table, written once more.
  static let table: [Row] = [
    Row(.industry, emp: [1_000, 300, 20], rev: [40_000, 2_000, 300]),
    Row(.wholesale, emp: [200, 20, 5], rev: [40_000, 5_000, 1_000]),
    Row(.retail, emp: [300, 50, 10], rev: [20_000, 500, 100]),
    Row(.transport, emp: [1_000, 300, 20], rev: [30_000, 3_000, 200]),
    Row(.warehousing, emp: [200, 100, 20], rev: [30_000, 1_000, 100]),
    Row(.post, emp: [1_000, 300, 20], rev: [30_000, 2_000, 100]),
    Row(.accommodationAndCatering, emp: [300, 100, 10], rev: [10_000, 2_000, 100]),
    Row(.informationTransmission, emp: [2_000, 100, 10], rev: [100_000, 1_000, 100]),
    Row(.software, emp: [300, 100, 10], rev: [10_000, 1_000, 50]),
    Row(.propertyManagement, emp: [1_000, 300, 100], rev: [5_000, 1_000, 500]),
    Row(.agriculture, rev: [20_000, 500, 50]),
    Row(.construction, rev: [80_000, 6_000, 300], assets: [80_000, 5_000, 300]),
    Row(.realEstate, rev: [200_000, 1_000, 100], assets: [10_000, 5_000, 2_000]),
    Row(.leasingAndBusinessServices, emp: [300, 100, 10], assets: [120_000, 8_000, 100]),
    Row(.other, emp: [300, 100, 10]),
  ]

  private func rule() throws -> SizeRule {
    try #require(SizeRule.inForce(on: CivilDate(iso8601: "2024-01-01")))
  }

  private func figures(_ row: Row, _ level: Int) -> SizeFigures {
    SizeFigures(
      employees: row.employees?[level],
      annualRevenue: row.revenue.map { Money($0[level] * 1_000_000, .cny) },
      totalAssets: row.assets.map { Money($0[level] * 1_000_000, .cny) }
    )
  }

  @Test func tableIsComplete() {
    #expect(Set(Self.table.map(\.industry)) == Set(SizeIndustry.allCases))
    #expect(SizeIndustry.allCases.count == 15)
  }

  @Test(arguments: table)
  func boundaries(row: Row) throws {
    let rule = try rule()
    for (level, (reached, below)) in [(SizeClass.large, SizeClass.medium), (.medium, .small), (.small, .micro)]
      .enumerated()
    {
      let exact = figures(row, level)
      #expect(try rule.classify(row.industry, exact) == reached)
      // One person or one fen less in any listed figure.
      if let employees = exact.employees {
        var less = exact
        less.employees = employees - 1
        #expect(try rule.classify(row.industry, less) == below)
      }
      if let revenue = exact.annualRevenue {
        var less = exact
        less.annualRevenue = Money(revenue.minorUnits - 1, .cny)
        #expect(try rule.classify(row.industry, less) == below)
      }
      if let assets = exact.totalAssets {
        var less = exact
        less.totalAssets = Money(assets.minorUnits - 1, .cny)
        #expect(try rule.classify(row.industry, less) == below)
      }
    }
  }

  @Test func oneLowFigureMakesMicro() throws {
    let figures = SizeFigures(employees: 19, annualRevenue: Money(.max, .cny))
    #expect(try rule().classify(.industry, figures) == .micro)
  }

  @Test func figuresAreChecked() throws {
    let rule = try rule()
    #expect(throws: SizeClassError.missingFigure(.annualRevenue, .industry)) {
      try rule.classify(.industry, SizeFigures(employees: 5_000))
    }
    #expect(throws: SizeClassError.negativeFigure(.employees)) {
      try rule.classify(.other, SizeFigures(employees: -1))
    }
    let yen = try Currency("JPY")
    #expect(throws: SizeClassError.wrongCurrency(.annualRevenue, yen)) {
      try rule.classify(.agriculture, SizeFigures(annualRevenue: Money(1, yen)))
    }
  }

  @Test func versionsAreDated() throws {
    #expect(SizeRule.versions.count == 1)
    #expect(try SizeRule.inForce(on: CivilDate(iso8601: "2011-06-17")) == nil)
    #expect(try SizeRule.inForce(on: CivilDate(iso8601: "2011-06-18"))?.source.contains("300") == true)
  }
}
