/// The public struct of a message: properties, initializers, names, and the types nested in it.
struct MessageEmitter {
  let message: MessageModel
  let scope: Scope

  init(_ message: MessageModel, program: Program) {
    self.message = message
    scope = Scope(file: message.file, message: message, program: program)
  }

  func emit(into printer: inout Printer) {
    let outer = Scope(file: message.file, message: message.parent, program: scope.program)
    DocComment.emit(
      message.comments,
      fallback: "`\(message.fullName)`",
      deprecated: message.isDeprecated,
      into: &printer
    )
    let conformance = outer.runtime("Message", of: "Protobuf")
    printer.block("public struct \(message.swiftName.escaped): \(conformance)") { printer in
      emitProperties(into: &printer)
      emitInitializers(into: &printer)
      emitDefaults(into: &printer)
      emitNames(into: &printer)
      CodecEmitter.emitMembers(message, scope: scope, into: &printer)
      RuleEmitter(message: message, scope: scope).emit(into: &printer)
      for oneof in message.oneofs {
        printer.line()
        emit(oneof, into: &printer)
      }
      for enumeration in message.enums {
        printer.line()
        EnumEmitter(enumeration: enumeration, scope: scope).emit(into: &printer)
      }
      for nested in message.publicNested {
        printer.line()
        MessageEmitter(nested, program: scope.program).emit(into: &printer)
      }
    }
  }

  // MARK: Properties

  /// The properties have no initial values, and optional ones are spelled so that Swift gives them none: an initializer
  /// that set a field twice would build the message aside and copy it to where it belongs.
  private func emitProperties(into printer: inout Printer) {
    for property in message.properties {
      switch property {
      case .field(let field):
        DocComment.emit(field.comments, deprecated: field.isDeprecated, into: &printer)
        let box = field.isBoxed ? "@\(scope.runtime("_Boxed", of: "Protobuf")) " : ""
        printer.line("\(box)public var \(field.swiftName.escaped): \(storedType(of: property))")
      case .oneof(let oneof):
        DocComment.emit(oneof.comments, into: &printer)
        printer.line("public var \(oneof.swiftName.escaped): \(storedType(of: property))")
      }
    }
    printer.line("/// What a newer version of the contract has put in; kept and written back.")
    printer.line("public var unknownFields: UnknownFields")
  }

  /// The type as callers write it.
  private func type(of property: PropertyModel) -> String {
    switch property {
    case .field(let field): scope.propertyType(of: field)
    case .oneof(let oneof): oneof.swiftTypeName.escaped + "?"
    }
  }

  /// The same type without the `?` that stands for `= nil` as well.
  private func storedType(of property: PropertyModel) -> String {
    let type = type(of: property)
    return type.hasSuffix("?") ? "\(scope.runtime("Optional", of: "Swift"))<\(type.dropLast())>" : type
  }

  private func initialValue(of property: PropertyModel) -> String {
    switch property {
    case .field(let field): scope.initialValue(of: field)
    case .oneof: "nil"
    }
  }

  private func emitInitializers(into printer: inout Printer) {
    printer.line()
    printer.line("/// Every field absent.")
    let properties = message.properties
    printer.block("public init()") { printer in
      for property in properties { printer.line("self.\(property.swiftName) = \(initialValue(of: property))") }
      printer.line("self.unknownFields = UnknownFields()")
    }
    guard !properties.isEmpty else { return }
    printer.line()
    printer.line("/// Absent is what is not given.")
    let parameters = properties.map { "\($0.swiftName.escaped): \(type(of: $0)) = \(initialValue(of: $0))" }
    let single = "public init(" + parameters.joined(separator: ", ") + ")"
    if single.utf8.count + 2 <= printer.columnsLeft {
      printer.line(single + " {")
    } else {
      printer.line("public init(")
      printer.indented { printer in
        for (index, parameter) in parameters.enumerated() {
          printer.line(parameter + (index + 1 < parameters.count ? "," : ""))
        }
      }
      printer.line(") {")
    }
    printer.indented { printer in
      for property in properties {
        printer.line("self.\(property.swiftName) = \(property.swiftName.escaped)")
      }
      printer.line("self.unknownFields = UnknownFields()")
    }
    printer.line("}")
  }

  /// What an absent proto2 field reads as, when the author said so.
  private func emitDefaults(into printer: inout Printer) {
    for field in message.fields where field.declaredDefault != nil {
      guard case .explicit = field.presence else { continue }
      printer.line()
      printer.line("/// `\(field.swiftName)`, or the contract's default when it is absent.")
      printer.block("public var \(field.swiftName)OrDefault: \(scope.valueType(of: field))") { printer in
        printer.line("\(field.swiftName.escaped) ?? \(scope.zero(of: field))")
      }
    }
  }

  private func emitNames(into printer: inout Printer) {
    printer.line()
    printer.line("/// The message's full name in its contract.")
    printer.line("public static var protoName: String { \(SwiftLiteral.string(message.fullName)) }")
    printer.line()
    printer.line("/// The file that declares the message.")
    let fileType = scope.runtime("ProtoFile", of: "Protobuf")
    printer.line("public static var protoFile: \(fileType) { \(message.file.descriptorName) }")
    printer.line()
    printer.line("/// The names of the fields in the contract, by their number.")
    guard !message.fields.isEmpty else {
      printer.line("public static var fieldNames: [Int32: String] { [:] }")
      return
    }
    printer.line("public static let fieldNames: [Int32: String] = [")
    printer.indented { printer in
      for field in message.fieldsByNumber { printer.line("\(field.number): \(SwiftLiteral.string(field.name)),") }
    }
    printer.line("]")
  }

  // MARK: Oneofs

  private func emit(_ oneof: OneofModel, into printer: inout Printer) {
    DocComment.emit(
      oneof.comments,
      fallback: "The members of `\(oneof.name)`, of which one at most is set.",
      into: &printer
    )
    printer.block("public enum \(oneof.swiftTypeName.escaped): Sendable, Hashable") { printer in
      for field in oneof.fields {
        DocComment.emit(field.comments, deprecated: field.isDeprecated, into: &printer)
        let prefix = field.isBoxed ? "indirect " : ""
        printer.line("\(prefix)case \(field.swiftName.escaped)(\(scope.valueType(of: field)))")
      }
    }
  }
}
