/// How a type is written at a place in the generated code: as short as Swift's lookup allows.
struct Scope {
  let file: FileModel
  /// The types around the place, outermost first. For the body of a oneof's enum it is the message's.
  let enclosing: [MessageModel]
  let program: Program

  init(file: FileModel, message: MessageModel? = nil, program: Program) {
    self.file = file
    self.program = program
    var enclosing: [MessageModel] = []
    var next = message
    while let message = next {
      enclosing.insert(message, at: 0)
      next = message.parent
    }
    self.enclosing = enclosing
  }

  func name(of message: MessageModel) -> String { name(of: message.swiftPath, in: message.file) }

  func name(of enumeration: EnumModel) -> String { name(of: enumeration.swiftPath, in: enumeration.file) }

  /// A declaration of one of the runtime's modules, qualified when a generated type of that name stands in the way.
  func runtime(_ name: String, of module: String) -> String {
    isHidden(name, below: 0) || namespaceDeclares(name) ? module + "." + name : name
  }

  /// The Swift type of one value of the field: an element, a payload, what an optional wraps.
  func valueType(of field: FieldModel) -> String {
    switch field.kind {
    case .double: "Double"
    case .float: "Float"
    case .int32, .sint32, .sfixed32: "Int32"
    case .int64, .sint64, .sfixed64: "Int64"
    case .uint32, .fixed32: "UInt32"
    case .uint64, .fixed64: "UInt64"
    case .bool: "Bool"
    case .string: "String"
    case .bytes: "[UInt8]"
    case .enumeration(let enumeration): name(of: enumeration)
    case .message(let message): name(of: message)
    }
  }

  /// The Swift type of the property.
  func propertyType(of field: FieldModel) -> String {
    switch field.presence {
    case .implicit, .oneofMember: valueType(of: field)
    case .required: field.kind.message == nil ? valueType(of: field) : valueType(of: field) + "?"
    case .explicit: valueType(of: field) + "?"
    case .repeated: "[\(valueType(of: field))]"
    case .map(_, let key, let value): "[\(valueType(of: key)): \(valueType(of: value))]"
    }
  }

  /// The Swift expression that the property starts with.
  func initialValue(of field: FieldModel) -> String {
    switch field.presence {
    case .explicit, .oneofMember: "nil"
    case .repeated: "[]"
    case .map: "[:]"
    case .implicit, .required: field.kind.message == nil ? zero(of: field) : "nil"
    }
  }

  /// The default of the field's type, or the declared one.
  func zero(of field: FieldModel) -> String {
    switch field.declaredDefault {
    case .literal(let literal): return literal
    case .bytes(let bytes): return "[" + bytes.map(String.init).joined(separator: ", ") + "]"
    case .enumCase(let enumCase): return "." + enumCase.swiftName
    case nil: break
    }
    return switch field.kind {
    case .double, .float, .int32, .int64, .uint32, .uint64, .sint32, .sint64, .fixed32, .fixed64, .sfixed32, .sfixed64:
      "0"
    case .bool: "false"
    case .string: "\"\""
    case .bytes: "[]"
    case .enumeration(let enumeration): "." + (enumeration.defaultCase?.swiftName ?? "init()")
    case .message(let message): name(of: message) + "()"
    }
  }

  private func name(of path: [String], in target: FileModel) -> String {
    let escapedPath = path.map(\.escaped)
    if target.namespace == file.namespace {
      // Types around the place need not be named, unless a type in between has the name of the one that is meant.
      let around = zip(path.dropLast(), enclosing).prefix { $0.0 == $0.1.swiftName }.count
      if !isHidden(path[around], below: around), around > 0 || namespaceDeclares(path[0]) {
        return escapedPath[around...].joined(separator: ".")
      }
    }
    let qualified = ([target.namespace] + escapedPath).joined(separator: ".")
    let isFree = !isHidden(target.namespace, below: 0) && !namespaceDeclares(target.namespace)
    return isFree ? qualified : target.module + "." + qualified
  }

  /// Whether a type nested in one of the types around the place, from `depth` inward, has that name.
  private func isHidden(_ name: String, below depth: Int) -> Bool {
    enclosing.dropFirst(depth).contains { program.typeNames(in: $0).contains(name) }
  }

  private func namespaceDeclares(_ name: String) -> Bool {
    program.typeNames(inNamespace: file.namespace).contains(name)
  }
}

/// All files of a run.
final class Program {
  /// Every file of the request, imported ones included, dependencies first.
  let files: [FileModel]
  private var namespaces: [String: Set<String>] = [:]

  init(files: [FileModel]) {
    self.files = files
    for file in files {
      var names = Set(file.messages.map(\.swiftName)).union(file.enums.map(\.swiftName))
      for service in file.services {
        names.formUnion([service.swiftName, service.swiftName + "Methods", service.swiftName + "Client"])
      }
      namespaces[file.namespace, default: []].formUnion(names)
    }
  }

  func typeNames(inNamespace namespace: String) -> Set<String> { namespaces[namespace] ?? [] }

  func typeNames(in message: MessageModel) -> Set<String> {
    Set(message.publicNested.map(\.swiftName))
      .union(message.enums.map(\.swiftName))
      .union(message.oneofs.map(\.swiftTypeName))
  }
}
