/// The public Swift enum of a proto enum.
struct EnumEmitter {
  let enumeration: EnumModel
  let scope: Scope

  func emit(into printer: inout Printer) {
    let type = enumeration
    DocComment.emit(type.comments, fallback: "`\(type.fullName)`", deprecated: type.isDeprecated, into: &printer)
    printer.block("public enum \(type.swiftName.escaped): \(scope.runtime("ProtobufEnum", of: "Protobuf"))") {
      printer in
      for enumCase in type.distinctCases {
        DocComment.emit(enumCase.comments, deprecated: enumCase.isDeprecated, into: &printer)
        printer.line("case \(enumCase.swiftName.escaped)")
      }
      printer.line("/// A number that this version of the contract does not know.")
      printer.line("case unrecognized(Int32)")
      emitAliases(into: &printer)
      emitConversions(into: &printer)
      emitNames(into: &printer)
    }
  }

  private func emitAliases(into printer: inout Printer) {
    for enumCase in enumeration.cases {
      guard let original = enumCase.aliasOf, original != enumCase.swiftName else { continue }
      printer.line()
      DocComment.emit(enumCase.comments, fallback: "The same number as `\(original)`.", into: &printer)
      printer.line("public static var \(enumCase.swiftName.escaped): Self { .\(original) }")
    }
  }

  private func emitConversions(into printer: inout Printer) {
    let cases = enumeration.distinctCases
    printer.line()
    printer.line("/// The first value declared.")
    printer.line("public init() { self = .\(enumeration.defaultCase?.swiftName ?? "unrecognized(0)") }")
    printer.line()
    printer.block("public init(rawValue: Int32)") { printer in
      printer.line("switch rawValue {")
      for enumCase in cases { printer.line("case \(enumCase.number): self = .\(enumCase.swiftName)") }
      printer.line("default: self = .unrecognized(rawValue)")
      printer.line("}")
    }
    printer.line()
    printer.block("public var rawValue: Int32") { printer in
      printer.line("switch self {")
      for enumCase in cases { printer.line("case .\(enumCase.swiftName): \(enumCase.number)") }
      printer.line("case .unrecognized(let number): number")
      printer.line("}")
    }
    printer.line()
    printer.line("/// The values that the contract names, one a number.")
    printer.block("public static var allCases: [Self]") { printer in
      let list = cases.map { "." + $0.swiftName }.joined(separator: ", ")
      if list.utf8.count + 2 <= printer.columnsLeft {
        printer.line("[\(list)]")
      } else {
        printer.line("[")
        printer.indented { printer in
          for enumCase in cases { printer.line(".\(enumCase.swiftName),") }
        }
        printer.line("]")
      }
    }
  }

  private func emitNames(into printer: inout Printer) {
    printer.line()
    printer.line("/// The enum's full name in its contract.")
    printer.line("public static var protoName: String { \(SwiftLiteral.string(enumeration.fullName)) }")
    printer.line()
    printer.line("/// The value's name in its contract; nil where it has none.")
    printer.block("public var valueName: String?") { printer in
      printer.line("switch self {")
      for enumCase in enumeration.distinctCases {
        printer.line("case .\(enumCase.swiftName): \(SwiftLiteral.string(enumCase.name))")
      }
      printer.line("case .unrecognized: nil")
      printer.line("}")
    }
    printer.line()
    printer.line("/// The value with this name in the contract, an alias included.")
    printer.block("public init?(valueName: String)") { printer in
      printer.line("switch valueName {")
      for enumCase in enumeration.cases {
        printer.line("case \(SwiftLiteral.string(enumCase.name)): self = .\(enumCase.aliasOf ?? enumCase.swiftName)")
      }
      printer.line("default: return nil")
      printer.line("}")
    }
  }
}
