/// The `_fill` hook: from the public properties to the layout that protobuf-c packs.
struct CodecFillEmitter {
  let message: MessageModel
  let scope: Scope

  func emit(into printer: inout Printer) {
    let arena = scope.runtime("Arena", of: "Protobuf")
    let layout = CodecEmitter.layoutName(message)
    printer.line()
    printer.line("@inline(never)")
    printer.line("public static func _fill(")
    printer.indented { printer in printer.line("_ message: UnsafePointer<Self>, _ arena: \(arena)") }
    printer.block(") -> UnsafeMutableRawPointer") { printer in
      if storesTextInPlace {
        // With `&` the place of a property is handed over, and nothing is written to it.
        printer.line("let message = UnsafeMutablePointer(mutating: message)")
      }
      printer.line("let wire = arena.make(\(layout).self, \(layout)._descriptor)")
      for field in message.fieldsByNumber where field.oneof == nil { emit(field, into: &printer) }
      for oneof in message.oneofs { emit(oneof, into: &printer) }
      printer.line("message.pointee.unknownFields._fill(wire, arena)")
      printer.line("return UnsafeMutableRawPointer(wire)")
    }
  }

  private var storesTextInPlace: Bool { message.fields.contains(where: isTextInPlace) }

  /// Text that is no list, optional or payload.
  private func isTextInPlace(_ field: FieldModel) -> Bool {
    guard case .string = field.kind else { return false }
    switch field.presence {
    case .implicit, .required: return true
    case .explicit, .oneofMember, .repeated, .map: return false
    }
  }

  private func emit(_ field: FieldModel, into printer: inout Printer) {
    let wire = "wire.pointee.\(field.swiftName)"
    let property = "message.pointee.\(field.swiftName)"
    let place = isTextInPlace(field) ? "&" + property : property
    switch field.presence {
    case .repeated:
      printer.line("\(wire) = arena.store(\(property))")
    case .map(let entry, let key, let value):
      let layout = CodecEmitter.layoutName(entry)
      printer.line("\(wire) = arena.store(\(property)) { key, value in")
      printer.indented { printer in
        printer.line("let entry = arena.make(\(layout).self, \(layout)._descriptor)")
        printer.line("entry.pointee.key = \(stored(key, "key"))")
        printer.line("entry.pointee.value = \(stored(value, "value"))")
        printer.line("return UnsafeMutableRawPointer(entry)")
      }
      printer.line("}")
    case .implicit:
      printer.line("if \(isSet(field, property)) { \(wire) = \(stored(field, place)) }")
    case .required where field.kind.message == nil:
      printer.line("\(wire) = \(stored(field, place))")
    case .explicit where field.kind.message != nil, .required:
      printer.line("\(wire) = arena.store(\(property))")
    case .explicit, .oneofMember:
      printer.line("if let value = \(property) { \(wire) = \(stored(field, "value")) }")
    }
  }

  private func emit(_ oneof: OneofModel, into printer: inout Printer) {
    printer.line("switch message.pointee.\(oneof.swiftName) {")
    for field in oneof.fields {
      printer.line(
        "case .\(field.swiftName)(let value)?: wire.pointee.\(field.swiftName) = \(stored(field, "value"))"
      )
    }
    printer.line("case nil: break")
    printer.line("}")
  }

  /// The condition under which a field without presence of its own is written. Minus zero is not the default.
  private func isSet(_ field: FieldModel, _ property: String) -> String {
    switch field.kind {
    case .string, .bytes: "!\(property).isEmpty"
    case .bool: property
    case .enumeration: "\(property).rawValue != 0"
    case .float, .double: "\(property).bitPattern != 0"
    default: "\(property) != 0"
    }
  }

  /// The layout's form of one value.
  private func stored(_ field: FieldModel, _ value: String) -> String {
    switch field.kind {
    case .string, .bytes: "\(scope.runtime("WireOptional", of: "Protobuf"))(arena.store(\(value)))"
    case .bool: "\(scope.runtime("WireOptional", of: "Protobuf"))(\(value) ? 1 : 0)"
    case .enumeration: "\(scope.runtime("WireOptional", of: "Protobuf"))(\(value).rawValue)"
    case .message: "arena.storeOne(\(value))"
    default: "\(scope.runtime("WireOptional", of: "Protobuf"))(\(value))"
    }
  }
}
