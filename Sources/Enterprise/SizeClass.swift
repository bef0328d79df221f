import FinancialMath

/// The size of an enterprise by a statistical rule.
public enum SizeClass: String, Sendable, Hashable, CaseIterable {
  case micro = "MICRO"
  case small = "SMALL"
  case medium = "MEDIUM"
  case large = "LARGE"
}

/// The industries that the rule tells apart.
public enum SizeIndustry: String, Sendable, Hashable, CaseIterable {
  case agriculture = "AGRICULTURE"
  case industry = "INDUSTRY"
  case construction = "CONSTRUCTION"
  case wholesale = "WHOLESALE"
  case retail = "RETAIL"
  case transport = "TRANSPORT"
  case warehousing = "WAREHOUSING"
  case post = "POST"
  case accommodationAndCatering = "ACCOMMODATION_AND_CATERING"
  case informationTransmission = "INFORMATION_TRANSMISSION"
  case software = "SOFTWARE"
  case realEstate = "REAL_ESTATE"
  case propertyManagement = "PROPERTY_MANAGEMENT"
  case leasingAndBusinessServices = "LEASING_AND_BUSINESS_SERVICES"
  case other = "OTHER"
}

/// The figures a class follows from. Amounts are in CNY; only those that the industry's rule lists must be present.
public struct SizeFigures: Sendable, Hashable {
  public var employees: Int64?
  /// Revenue of a year.
  public var annualRevenue: Money?
  public var totalAssets: Money?

  public init(employees: Int64? = nil, annualRevenue: Money? = nil, totalAssets: Money? = nil) {
    self.employees = employees
    self.annualRevenue = annualRevenue
    self.totalAssets = totalAssets
  }
}

/// Why an enterprise has no class.
public enum SizeClassError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The rule of the industry needs this figure.
  case missingFigure(SizeFigure, SizeIndustry)
  case negativeFigure(SizeFigure)
  case wrongCurrency(SizeFigure, Currency)

  public var description: String {
    switch self {
    case .missingFigure(let figure, let industry): "\(figure.rawValue) is needed to classify \(industry.rawValue)"
    case .negativeFigure(let figure): "\(figure.rawValue) must not be negative"
    case .wrongCurrency(let figure, let currency): "\(figure.rawValue) must be in CNY, not \(currency.code)"
    }
  }
}

/// The figures by the names of their fields.
public enum SizeFigure: String, Sendable, Hashable, CaseIterable {
  case employees = "employees"
  case annualRevenue = "annual_revenue"
  case totalAssets = "total_assets"
}

extension SizeRule {
  /// The highest class whose listed figures are all reached; micro when any is below small.
  public func classify(_ industry: SizeIndustry, _ figures: SizeFigures) throws(SizeClassError) -> SizeClass {
    let row = thresholds(for: industry)
    var result = SizeClass.large
    for threshold in row {
      let value = try figures.value(threshold.figure, industry)
      let reached: SizeClass =
        value >= threshold.large
        ? .large : value >= threshold.medium ? .medium : value >= threshold.small ? .small : .micro
      result = min(result, reached)
    }
    return result
  }
}

extension SizeClass: Comparable {
  private var rank: Int {
    switch self {
    case .micro: 0
    case .small: 1
    case .medium: 2
    case .large: 3
    }
  }

  public static func < (left: SizeClass, right: SizeClass) -> Bool { left.rank < right.rank }
}

extension SizeFigures {
  /// Persons, or fen.
  fileprivate func value(_ figure: SizeFigure, _ industry: SizeIndustry) throws(SizeClassError) -> Int64 {
    let value: Int64?
    switch figure {
    case .employees: value = employees
    case .annualRevenue: value = try annualRevenue.map { money throws(SizeClassError) in try money.fen(figure) }
    case .totalAssets: value = try totalAssets.map { money throws(SizeClassError) in try money.fen(figure) }
    }
    guard let value else { throw .missingFigure(figure, industry) }
    guard value >= 0 else { throw .negativeFigure(figure) }
    return value
  }
}

extension Money {
  fileprivate func fen(_ figure: SizeFigure) throws(SizeClassError) -> Int64 {
    guard currency == .cny else { throw .wrongCurrency(figure, currency) }
    return minorUnits
  }
}
