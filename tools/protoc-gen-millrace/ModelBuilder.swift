import Protobuf

private typealias FileProto = GoogleProtobuf.FileDescriptorProto
private typealias MessageProto = GoogleProtobuf.DescriptorProto
private typealias FieldProto = GoogleProtobuf.FieldDescriptorProto
private typealias EnumProto = GoogleProtobuf.EnumDescriptorProto

/// Turns descriptors into the model. First all types of a file are declared, then their fields are resolved, so that
/// fields may name types that follow them.
struct ModelBuilder {
  private let options: Options
  private let generated: Set<String>
  private var files: [String: FileModel] = [:]
  private(set) var messages: [String: MessageModel] = [:]
  private var enums: [String: EnumModel] = [:]
  private(set) var comments = CommentTable()

  /// The program of `request`, whose files stand in it after those that they import.
  static func program(of request: GoogleProtobufCompiler.CodeGeneratorRequest, options: Options) throws -> Program {
    var builder = ModelBuilder(options: options, generated: Set(request.fileToGenerate))
    var files: [FileModel] = []
    for proto in request.protoFile { files.append(try builder.file(proto)) }
    try builder.nameDescriptors(of: files)
    Recursion.analyze(files)
    RuleReach.analyze(files)
    return Program(files: files)
  }

  private init(options: Options, generated: Set<String>) {
    self.options = options
    self.generated = generated
  }

  // MARK: Files

  private mutating func file(_ proto: FileProto) throws -> FileModel {
    let path = proto.name ?? ""
    let syntax: FileModel.Syntax
    switch proto.syntax ?? "" {
    case "", "proto2": syntax = .proto2
    case "proto3": syntax = .proto3
    default:
      throw GeneratorError("\(path): syntax “\(proto.syntax ?? "")” is not supported; there are proto2 and proto3")
    }
    comments = CommentTable(proto.sourceCodeInfo ?? GoogleProtobuf.SourceCodeInfo())
    var embedded = proto
    embedded.sourceCodeInfo = nil
    let file = FileModel(
      path: path,
      package: proto.package ?? "",
      syntax: syntax,
      namespace: Naming.namespace(package: proto.package ?? "", swiftPrefix: proto.options?.swiftPrefix),
      module: options.module(of: path, generated: generated),
      descriptor: embedded.serializedBytes(),
      comments: comments[[12]].isEmpty ? comments[[2]] : comments[[12]]
    )
    files[path] = file
    file.dependencies = proto.dependency.compactMap { files[$0] }
    var taken: Set<String> = []
    for (index, enumProto) in proto.enumType.enumerated() {
      file.enums.append(declare(enumProto, in: file, parent: nil, path: [5, Int32(index)], taken: &taken))
    }
    for (index, messageProto) in proto.messageType.enumerated() {
      file.messages.append(declare(messageProto, in: file, parent: nil, path: [4, Int32(index)], taken: &taken))
    }
    for (index, messageProto) in proto.messageType.enumerated() {
      try resolve(messageProto, as: file.messages[index], path: [4, Int32(index)])
    }
    for (index, fieldProto) in proto.extension.enumerated() {
      try addExtension(fieldProto, to: file, scope: file.package, path: [7, Int32(index)])
    }
    for (index, serviceProto) in proto.service.enumerated() {
      file.services.append(try service(serviceProto, in: file, path: [6, Int32(index)]))
    }
    return file
  }

  /// Chooses the properties that hold the embedded descriptors: `status.proto` → `statusFile`.
  private func nameDescriptors(of files: [FileModel]) throws {
    var taken: [String: Set<String>] = [:]
    for file in files {
      let base = file.path.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? file.path
      let name = Naming.lowerCamel(base.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()) + "File"
      file.descriptorName = Naming.unique(name, in: &taken[file.namespace, default: []])
    }
  }

  // MARK: Declarations

  private mutating func declare(
    _ proto: MessageProto,
    in file: FileModel,
    parent: MessageModel?,
    path: [Int32],
    taken: inout Set<String>
  ) -> MessageModel {
    let protoName = proto.name ?? ""
    let isMapEntry = proto.options?.mapEntry ?? false
    let name = Naming.type(protoName, suffix: "Message")
    let message = MessageModel(
      name: protoName,
      fullName: Self.join(parent?.fullName ?? file.package, protoName),
      swiftName: isMapEntry ? name : Naming.unique(name, in: &taken),
      file: file,
      parent: parent,
      comments: comments[path],
      isDeprecated: proto.options?.deprecated ?? false,
      isMapEntry: isMapEntry
    )
    messages[message.fullName] = message
    var inner: Set<String> = []
    for (index, enumProto) in proto.enumType.enumerated() {
      let enumPath = path + [4, Int32(index)]
      message.enums.append(declare(enumProto, in: file, parent: message, path: enumPath, taken: &inner))
    }
    for (index, nested) in proto.nestedType.enumerated() {
      let nestedPath = path + [3, Int32(index)]
      message.nested.append(declare(nested, in: file, parent: message, path: nestedPath, taken: &inner))
    }
    return message
  }

  private mutating func declare(
    _ proto: EnumProto,
    in file: FileModel,
    parent: MessageModel?,
    path: [Int32],
    taken: inout Set<String>
  ) -> EnumModel {
    let protoName = proto.name ?? ""
    let name = Naming.unique(Naming.type(protoName, suffix: "Enum"), in: &taken)
    let enumeration = EnumModel(
      name: protoName,
      fullName: Self.join(parent?.fullName ?? file.package, protoName),
      swiftName: name,
      file: file,
      parent: parent,
      comments: comments[path],
      isDeprecated: proto.options?.deprecated ?? false
    )
    var names: Set<String> = []
    var first: [Int32: String] = [:]
    for (index, value) in proto.value.enumerated() {
      let (valueName, number) = (value.name ?? "", value.number ?? 0)
      let base = Naming.caseName(Naming.enumCase(valueName, in: protoName))
      let aliased = first[number]
      // An alias that differs from its original in the prefix only is the same case in Swift.
      let swiftName = aliased == base ? base : Naming.unique(base, in: &names)
      enumeration.cases.append(
        EnumModel.Case(
          name: valueName,
          number: number,
          swiftName: swiftName,
          aliasOf: aliased,
          comments: comments[path + [2, Int32(index)]],
          isDeprecated: value.options?.deprecated ?? false
        )
      )
      if aliased == nil { first[number] = swiftName }
    }
    enums[enumeration.fullName] = enumeration
    return enumeration
  }

  // MARK: Fields

  private mutating func resolve(_ proto: MessageProto, as message: MessageModel, path: [Int32]) throws {
    for (index, nested) in proto.nestedType.enumerated() {
      try resolve(nested, as: message.nested[index], path: path + [3, Int32(index)])
    }
    let synthetic = Set(proto.field.filter { $0.proto3Optional == true }.compactMap(\.oneofIndex))
    var properties: Set<String> = []
    var types = Set(message.publicNested.map(\.swiftName) + message.enums.map(\.swiftName))
    // Oneofs by their index in the descriptor.
    var oneofs: [Int32: OneofModel] = [:]
    var cases: [Int32: Set<String>] = [:]
    for (index, fieldProto) in proto.field.enumerated() {
      let fieldName = fieldProto.name ?? ""
      var oneof: OneofModel?
      if let oneofIndex = fieldProto.oneofIndex, !synthetic.contains(oneofIndex) {
        if oneofs[oneofIndex] == nil {
          guard proto.oneofDecl.indices.contains(Int(oneofIndex)) else {
            throw GeneratorError("\(message.file.path): field \(fieldName) of \(message.fullName) has no oneof")
          }
          let name = proto.oneofDecl[Int(oneofIndex)].name ?? ""
          let typeName = Naming.type(Naming.upperCamel(name), suffix: "Oneof")
          let model = OneofModel(
            name: name,
            swiftName: Naming.unique(Naming.property(Naming.lowerCamel(name)), in: &properties),
            swiftTypeName: Naming.unique(types.contains(typeName) ? typeName + "Oneof" : typeName, in: &types),
            message: message,
            comments: comments[path + [8, oneofIndex]]
          )
          oneofs[oneofIndex] = model
          message.oneofs.append(model)
        }
        oneof = oneofs[oneofIndex]
      }
      let camel = Naming.lowerCamel(fieldName)
      let swiftName =
        if oneof == nil {
          Naming.unique(Naming.property(camel), in: &properties)
        } else {
          Naming.unique(Naming.property(camel), in: &cases[fieldProto.oneofIndex ?? 0, default: []])
        }
      let field = try field(
        fieldProto,
        swiftName: swiftName,
        oneof: oneof,
        owner: message.fullName,
        file: message.file,
        comments: comments[path + [2, Int32(index)]]
      )
      message.fields.append(field)
      oneof?.fields.append(field)
    }
    try addRules(of: proto, to: message, oneofs: oneofs)
    for (index, fieldProto) in proto.extension.enumerated() {
      try addExtension(fieldProto, to: message.file, scope: message.fullName, path: path + [6, Int32(index)])
    }
  }

  private func field(
    _ proto: FieldProto,
    swiftName: String,
    oneof: OneofModel?,
    owner: String,
    file: FileModel,
    comments: Comments
  ) throws -> FieldModel {
    let name = proto.name ?? ""
    let place = "\(file.path): field \(name) of \(owner)"
    let kind = try kind(of: proto, place: place)
    let presence: FieldModel.Presence
    switch proto.label ?? .optional {
    case .repeated:
      if let entry = kind.message, entry.isMapEntry {
        guard entry.fields.count == 2 else { throw GeneratorError("\(place): its map entry has no key and value") }
        presence = .map(entry: entry, key: entry.fields[0], value: entry.fields[1])
      } else {
        let packed = proto.options?.packed ?? (file.syntax == .proto3)
        presence = .repeated(packed: packed && kind.isPackable)
      }
    case .required: presence = .required
    case .optional, .unrecognized:
      if oneof != nil {
        presence = .oneofMember
      } else if file.syntax == .proto2 || proto.proto3Optional == true || kind.message != nil {
        presence = .explicit
      } else {
        presence = messages[owner]?.isMapEntry == true ? .explicit : .implicit
      }
    }
    return FieldModel(
      name: name,
      number: proto.number ?? 0,
      jsonName: proto.jsonName ?? name,
      swiftName: swiftName,
      kind: kind,
      isGroup: proto.type == .group,
      presence: presence,
      oneof: oneof,
      declaredDefault: try proto.defaultValue.map { try defaultValue($0, of: kind, place: place) },
      comments: comments,
      isDeprecated: proto.options?.deprecated ?? false
    )
  }

  private func kind(of proto: FieldProto, place: String) throws -> FieldKind {
    let typeName = proto.typeName ?? ""
    switch proto.type {
    case .double: return .double
    case .float: return .float
    case .int32: return .int32
    case .int64: return .int64
    case .uint32: return .uint32
    case .uint64: return .uint64
    case .sint32: return .sint32
    case .sint64: return .sint64
    case .fixed32: return .fixed32
    case .fixed64: return .fixed64
    case .sfixed32: return .sfixed32
    case .sfixed64: return .sfixed64
    case .bool: return .bool
    case .string: return .string
    case .bytes: return .bytes
    case .enum:
      guard let found = enums[String(typeName.dropFirst())] else {
        throw GeneratorError("\(place): enum \(typeName) is not in the request")
      }
      return .enumeration(found)
    case .message, .group:
      guard let found = messages[String(typeName.dropFirst())] else {
        throw GeneratorError("\(place): message \(typeName) is not in the request")
      }
      return .message(found)
    case nil, .unrecognized: throw GeneratorError("\(place): its type is not known")
    }
  }

  private func defaultValue(_ text: String, of kind: FieldKind, place: String) throws -> DefaultValue {
    switch kind {
    case .string: return .literal(Self.stringLiteral(text))
    case .bytes: return .bytes(DefaultText.unescape(text))
    case .enumeration(let enumeration):
      guard let found = enumeration.cases.first(where: { $0.name == text }) else {
        throw GeneratorError("\(place): \(enumeration.fullName) has no value \(text)")
      }
      return .enumCase(found)
    case .double, .float:
      return .literal(["inf": ".infinity", "-inf": "-.infinity", "nan": ".nan"][text] ?? text)
    default: return .literal(text)
    }
  }

  private func addExtension(_ proto: FieldProto, to file: FileModel, scope: String, path: [Int32]) throws {
    let name = proto.name ?? ""
    let fullName = Self.join(scope, name)
    let extendeeName = proto.extendee ?? ""
    guard let extendee = messages[String(extendeeName.dropFirst())] else {
      throw GeneratorError("\(file.path): extension \(fullName): \(extendeeName) is not in the request")
    }
    let place = "\(file.path): extension \(fullName)"
    try RuleOptions.expectNoPredefinedRule(proto.options?.unknownFields, place: place)
    let rules: BufValidate.FieldRules? = try RuleOptions.rules(proto.options?.unknownFields, place: place)
    guard rules == nil else { throw GeneratorError("\(place): there can be no rules on an extension") }
    let field = try field(
      proto,
      swiftName: Naming.property(Naming.lowerCamel(name)),
      oneof: nil,
      owner: extendee.fullName,
      file: file,
      comments: comments[path]
    )
    file.extensions.append(ExtensionModel(fullName: fullName, extendee: extendee, field: field))
  }

  // MARK: Texts

  static func join(_ scope: String, _ name: String) -> String { scope.isEmpty ? name : scope + "." + name }

  private static func stringLiteral(_ text: String) -> String { SwiftLiteral.string(text) }
}
