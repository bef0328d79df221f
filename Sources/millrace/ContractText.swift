import Protobuf

/// Declarations as a contract writes them.
enum ContractText {
  static func service(_ service: GoogleProtobuf.ServiceDescriptorProto, _ fullName: String) -> String {
    block("service \(fullName)", service.method.map(method))
  }

  static func method(_ method: GoogleProtobuf.MethodDescriptorProto) -> String {
    let input = (method.clientStreaming ?? false ? "stream " : "") + SymbolName.plain(method.inputType)
    let output = (method.serverStreaming ?? false ? "stream " : "") + SymbolName.plain(method.outputType)
    return "rpc \(method.name ?? "")(\(input)) returns (\(output));"
  }

  static func message(_ message: MessageSchema) -> String {
    var lines: [String] = []
    var openOneof: Int?
    for field in message.fields where !field.isExtension {
      if field.oneof != openOneof {
        if openOneof != nil { lines.append("}") }
        if let oneof = field.oneof { lines.append("oneof \(message.oneofs[oneof]) {") }
        openOneof = field.oneof
      }
      lines.append((openOneof == nil ? "" : "  ") + declaration(field))
    }
    if openOneof != nil { lines.append("}") }
    return block("message \(message.fullName)", lines)
  }

  static func enumeration(_ one: EnumSchema) -> String {
    block("enum \(one.fullName)", one.values.map { "\($0.name) = \($0.number);" })
  }

  private static func declaration(_ field: FieldSchema) -> String {
    let label =
      if field.isMap || field.oneof != nil {
        ""
      } else if field.isRepeated {
        "repeated "
      } else {
        field.hasPresence && field.kind != .message ? "optional " : ""
      }
    return "\(label)\(type(field)) \(field.name) = \(field.number);"
  }

  private static func type(_ field: FieldSchema) -> String {
    if field.isMap, let entry = field.message, let key = entry.fields.first, let value = entry.fields.last {
      return "map<\(type(key)), \(type(value))>"
    }
    return field.typeName.isEmpty ? "\(field.kind)" : field.typeName
  }

  private static func block(_ head: String, _ lines: [String]) -> String {
    lines.isEmpty ? "\(head) {}" : "\(head) {\n" + lines.map { "  \($0)\n" }.joined() + "}"
  }
}
