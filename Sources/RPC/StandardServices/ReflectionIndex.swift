import Protobuf

/// Where the declarations of some files are found.
struct ReflectionIndex: Sendable {
  private var files: [String: ProtoFile] = [:]
  /// Full names of whatever is declared, and the paths of the files that declare it.
  private var symbols: [String: String] = [:]
  /// The paths of the files that declare a message's extensions, by number.
  private var extensions: [String: [Int32: String]] = [:]
  /// Messages, which may have no extensions.
  private var messages: Set<String> = []

  init(_ roots: [ProtoFile]) {
    for file in roots.flatMap(\.transitiveClosure) where files.updateValue(file, forKey: file.path) == nil {
      guard let proto = try? GoogleProtobuf.FileDescriptorProto(serializedBytes: file.serializedBytes) else { continue }
      add(proto, path: file.path)
    }
  }

  func file(named path: String) -> ProtoFile? { files[path] }

  func file(declaring symbol: String) -> ProtoFile? { symbols[symbol].flatMap { files[$0] } }

  func file(extending type: String, number: Int32) -> ProtoFile? {
    extensions[type]?[number].flatMap { files[$0] }
  }

  /// In ascending order; nil when there is no such message.
  func extensionNumbers(of type: String) -> [Int32]? {
    guard messages.contains(type) else { return nil }
    return extensions[type]?.keys.sorted() ?? []
  }

  private mutating func add(_ file: GoogleProtobuf.FileDescriptorProto, path: String) {
    let package = file.package ?? ""
    for one in file.enumType { add(one, within: package, path: path) }
    add(file.extension, within: package, path: path)
    for service in file.service {
      let name = declare(service.name, within: package, path: path)
      for method in service.method { declare(method.name, within: name, path: path) }
    }
    var waiting = file.messageType.map { (message: $0, scope: package) }
    while let (message, scope) = waiting.popLast() {
      let name = declare(message.name, within: scope, path: path)
      messages.insert(name)
      for field in message.field { declare(field.name, within: name, path: path) }
      for oneof in message.oneofDecl { declare(oneof.name, within: name, path: path) }
      for one in message.enumType { add(one, within: name, path: path) }
      add(message.extension, within: name, path: path)
      waiting += message.nestedType.map { ($0, name) }
    }
  }

  private mutating func add(_ one: GoogleProtobuf.EnumDescriptorProto, within scope: String, path: String) {
    declare(one.name, within: scope, path: path)
    // Values stand beside their enum, as in C.
    for value in one.value { declare(value.name, within: scope, path: path) }
  }

  private mutating func add(
    _ fields: [GoogleProtobuf.FieldDescriptorProto],
    within scope: String,
    path: String
  ) {
    for field in fields {
      declare(field.name, within: scope, path: path)
      guard let extended = field.extendee, let number = field.number else { continue }
      extensions[extended.hasPrefix(".") ? String(extended.dropFirst()) : extended, default: [:]][number] = path
    }
  }

  @discardableResult
  private mutating func declare(_ name: String?, within scope: String, path: String) -> String {
    let fullName = scope.isEmpty ? name ?? "" : "\(scope).\(name ?? "")"
    symbols[fullName] = path
    return fullName
  }
}
