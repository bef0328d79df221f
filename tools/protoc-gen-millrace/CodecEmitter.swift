/// The codec's half of the generated code: how the runtime lays messages out for protobuf-c, and the hooks that carry
/// values over.
///
/// Names of its own begin with an underscore, which no field's name does, so that no contract can collide with them.
enum CodecEmitter {
  /// Declarations at file scope, before the public types: layout structs and descriptor tables of all messages of the
  /// file.
  static func emitFileScope(_ file: FileModel, into printer: inout Printer) {
    let messages = file.allMessages
    guard !messages.isEmpty else { return }
    for message in messages {
      printer.line()
      emitLayout(message, siblings: messages, into: &printer)
    }
    printer.line()
    printer.line("private let _tables = DescriptorFile([")
    printer.indented { printer in
      for message in messages { printer.line("\(layoutName(message))._table,") }
    }
    printer.line("])")
  }

  /// Members inside the struct of `message`, after the public ones: read and fill hooks.
  static func emitMembers(_ message: MessageModel, scope: Scope, into printer: inout Printer) {
    let descriptor = scope.runtime("MessageDescriptor", of: "Protobuf")
    printer.line()
    printer.line("public static var _descriptor: \(descriptor) { \(layoutName(message))._descriptor }")
    CodecReadEmitter(message: message, scope: scope).emit(into: &printer)
    CodecFillEmitter(message: message, scope: scope).emit(into: &printer)
  }

  static func layoutName(_ message: MessageModel) -> String { "_\(message.flatName)_Layout" }

  // MARK: layouts

  private static func emitLayout(_ message: MessageModel, siblings: [MessageModel], into printer: inout Printer) {
    let index = siblings.firstIndex { $0 === message } ?? 0
    printer.block("private struct \(layoutName(message))") { printer in
      printer.line("var _base: WireMessage")
      for field in message.fieldsByNumber { printer.line("var \(field.swiftName.escaped): \(storage(of: field))") }
      printer.line()
      printer.line("static var _descriptor: MessageDescriptor { _tables[\(index)] }")
      printer.line()
      printer.block("static var _table: MessageTable") { printer in
        let name = SwiftLiteral.string(message.fullName)
        guard !message.fields.isEmpty else {
          printer.line("MessageTable(\(name), size: MemoryLayout<Self>.size, [])")
          return
        }
        printer.line("MessageTable(\(name), size: MemoryLayout<Self>.size, [")
        printer.indented { printer in
          for field in message.fieldsByNumber { emitTable(of: field, in: message, siblings: siblings, into: &printer) }
        }
        printer.line("])")
      }
    }
  }

  private static func emitTable(
    of field: FieldModel,
    in message: MessageModel,
    siblings: [MessageModel],
    into printer: inout Printer
  ) {
    let parts = [
      String(field.number),
      SwiftLiteral.string(field.name),
      field.isGroup ? ".group(\(tableKind(of: field, siblings: siblings)))" : tableKind(of: field, siblings: siblings),
      cardinality(of: field, in: message),
      "MemoryLayout<Self>.offset(of: \\.\(field.swiftName))",
    ]
    let single = "FieldTable(\(parts.joined(separator: ", "))),"
    if single.utf8.count <= printer.columnsLeft {
      printer.line(single)
    } else {
      printer.line("FieldTable(")
      printer.indented { printer in
        for (index, part) in parts.enumerated() { printer.line(part + (index + 1 < parts.count ? "," : "")) }
      }
      printer.line("),")
    }
  }

  /// The Swift type of the field in the layout.
  private static func storage(of field: FieldModel) -> String {
    if field.kind.message != nil { return "WireMessages" }
    if case .repeated = field.presence { return "WireList<\(element(of: field.kind))>" }
    return "WireOptional<\(element(of: field.kind))>"
  }

  private static func element(of kind: FieldKind) -> String {
    switch kind {
    case .double: "Double"
    case .float: "Float"
    case .int32, .sint32, .sfixed32, .enumeration: "Int32"
    case .int64, .sint64, .sfixed64: "Int64"
    case .uint32, .fixed32: "UInt32"
    case .uint64, .fixed64, .bool: "UInt64"
    case .string, .bytes: "WireBytes"
    case .message: "UnsafeMutableRawPointer"
    }
  }

  private static func tableKind(of field: FieldModel, siblings: [MessageModel]) -> String {
    switch field.kind {
    case .double: ".double"
    case .float: ".float"
    case .int32: ".int32"
    case .int64: ".int64"
    case .uint32: ".uint32"
    case .uint64: ".uint64"
    case .sint32: ".sint32"
    case .sint64: ".sint64"
    case .fixed32: ".fixed32"
    case .fixed64: ".fixed64"
    case .sfixed32: ".sfixed32"
    case .sfixed64: ".sfixed64"
    case .bool: ".bool"
    case .string: ".string"
    case .bytes: ".bytes"
    case .enumeration: ".enumeration"
    case .message(let target):
      if let index = siblings.firstIndex(where: { $0 === target }) {
        ".local(\(index))"
      } else {
        ".message(\(([target.file.namespace] + target.swiftPath.map(\.escaped)).joined(separator: "."))._descriptor)"
      }
    }
  }

  private static func cardinality(of field: FieldModel, in message: MessageModel) -> String {
    switch field.presence {
    case .implicit, .explicit: ".optional"
    case .required: ".required"
    case .oneofMember: ".oneof(\(message.oneofs.firstIndex { $0 === field.oneof } ?? 0))"
    case .repeated(let packed): packed ? ".packed" : ".repeated"
    case .map: ".map"
    }
  }
}
