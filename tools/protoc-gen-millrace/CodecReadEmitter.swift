/// The `_read` hook: from the layout that protobuf-c filled to the public properties.
struct CodecReadEmitter {
  let message: MessageModel
  let scope: Scope

  func emit(into printer: inout Printer) {
    let arena = scope.runtime("Arena", of: "Protobuf")
    printer.line()
    // Inlined into one another the hooks of a tree of messages get slower, not faster.
    printer.line("@inline(never)")
    printer.block("public mutating func _read(_ layout: UnsafeRawPointer, _ arena: \(arena))") { printer in
      if !message.fields.isEmpty {
        printer.line("let wire = layout.assumingMemoryBound(to: \(CodecEmitter.layoutName(message)).self)")
      }
      for oneof in message.oneofs where oneof.fields.count > 1 { emitCount(of: oneof, into: &printer) }
      for field in message.fieldsByNumber { emit(field, into: &printer) }
      printer.line("self.unknownFields._read(layout, arena)")
    }
  }

  private func emitCount(of oneof: OneofModel, into printer: inout Printer) {
    let counts = oneof.fields.map { "wire.pointee.\($0.swiftName).presentCount" }
    let single = "arena.expectAtMostOne(\(counts.joined(separator: " + ")))"
    if single.utf8.count <= printer.columnsLeft {
      printer.line(single)
    } else {
      // One statement a member: a long sum takes the type checker long.
      printer.line("var \(oneof.swiftName)Count = 0")
      for count in counts { printer.line("\(oneof.swiftName)Count += \(count)") }
      printer.line("arena.expectAtMostOne(\(oneof.swiftName)Count)")
    }
  }

  private func emit(_ field: FieldModel, into printer: inout Printer) {
    let wire = "wire.pointee.\(field.swiftName)"
    switch field.presence {
    case .repeated:
      printer.line("arena.append(\(wire), to: &self.\(field.swiftName))")
    case .map(let entry, let key, let value):
      printer.line("arena.reserve(\(wire), in: &self.\(field.swiftName))")
      printer.line("arena.forEachEntry(\(wire), \(CodecEmitter.layoutName(entry)).self) { entry in")
      printer.indented { printer in
        if case .message = value.kind {
          printer.line("var value = \(scope.valueType(of: value))()")
          printer.line("arena.merge(entry.pointee.value, into: &value)")
          printer.line("self.\(field.swiftName)[\(self.value(of: key, "entry.pointee.key"))] = value")
        } else {
          let value = self.value(of: value, "entry.pointee.value")
          printer.line("self.\(field.swiftName)[\(self.value(of: key, "entry.pointee.key"))] = \(value)")
        }
      }
      printer.line("}")
    case .oneofMember:
      emitMember(field, wire, into: &printer)
    case .implicit, .explicit, .required:
      if case .message = field.kind {
        printer.line("arena.merge(\(wire), into: &self.\(field.swiftName))")
      } else {
        printer.line("if \(wire).isPresent { self.\(field.swiftName) = \(value(of: field, wire)) }")
      }
    }
  }

  private func emitMember(_ field: FieldModel, _ wire: String, into printer: inout Printer) {
    guard let oneof = field.oneof else { return }
    guard case .message = field.kind else {
      printer.block("if \(wire).isPresent") { printer in
        printer.line("self.\(oneof.swiftName) = .\(field.swiftName)(\(value(of: field, wire)))")
      }
      return
    }
    printer.block("if \(wire).isPresent") { printer in
      printer.line("var value = \(scope.valueType(of: field))()")
      printer.line("if case .\(field.swiftName)(let current)? = self.\(oneof.swiftName) { value = current }")
      printer.line("arena.merge(\(wire), into: &value)")
      printer.line("self.\(oneof.swiftName) = .\(field.swiftName)(value)")
    }
  }

  /// The Swift value of a singular field that is no message; the default when it is absent.
  private func value(of field: FieldModel, _ wire: String) -> String {
    switch field.kind {
    case .string: "arena.string(\(wire).value)"
    case .bytes: "arena.bytes(\(wire).value)"
    case .bool: "\(wire).value != 0"
    case .enumeration: "\(scope.valueType(of: field))(rawValue: \(wire).value)"
    default: "\(wire).value"
    }
  }
}
