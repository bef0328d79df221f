import Synchronization

/// The messages and enums of some files, for whatever works with any message: JSON, reflection, a client that learns a
/// contract at run time.
public final class DescriptorPool: Sendable {
  /// Why files make no pool.
  public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The bytes are no FileDescriptorProto.
    case unreadable(file: String)
    /// A field holds a message or an enum that no file declares.
    case unknownType(String, field: String)

    public var description: String {
      switch self {
      case .unreadable(let file): "the descriptor of \(file) cannot be read"
      case .unknownType(let type, let field): "\(field) is of type \(type), which no file declares"
      }
    }
  }

  public let files: [GoogleProtobuf.FileDescriptorProto]
  private let messages: [String: MessageSchema]
  private let enums: [String: EnumSchema]

  /// - Parameter files: In any order, and with all that they import.
  public init(_ files: [GoogleProtobuf.FileDescriptorProto]) throws(Failure) {
    var builder = Builder()
    for file in files { builder.add(file) }
    try builder.link()
    self.files = files
    messages = builder.messages
    enums = builder.enums
  }

  /// The pool of files that generated code embeds, and of all that they import.
  public convenience init(_ files: [ProtoFile]) throws(Failure) {
    var seen: Set<ProtoFile> = []
    var protos: [GoogleProtobuf.FileDescriptorProto] = []
    for file in files.flatMap(\.transitiveClosure) where seen.insert(file).inserted {
      guard let proto = try? GoogleProtobuf.FileDescriptorProto(serializedBytes: file.serializedBytes) else {
        throw .unreadable(file: file.path)
      }
      protos.append(proto)
    }
    try self.init(protos)
  }

  /// The message with this full name.
  public func message(_ fullName: String) -> MessageSchema? { messages[fullName] }

  /// The enum with this full name.
  public func `enum`(_ fullName: String) -> EnumSchema? { enums[fullName] }

  /// The service with this full name.
  public func service(_ fullName: String) -> GoogleProtobuf.ServiceDescriptorProto? {
    for file in files {
      let prefix = file.package.map { $0.isEmpty ? "" : "\($0)." } ?? ""
      if let service = file.service.first(where: { prefix + ($0.name ?? "") == fullName }) { return service }
    }
    return nil
  }

  // MARK: Generated code

  private static let generated = Mutex<[String: DescriptorPool]>([:])

  /// The pool of an embedded file, made when it is first asked for and kept.
  static func of(_ file: ProtoFile) throws(Failure) -> DescriptorPool {
    if let pool = generated.withLock({ $0[file.path] }) { return pool }
    let pool = try DescriptorPool([file])
    return generated.withLock { pools in
      if let first = pools[file.path] { return first }
      pools[file.path] = pool
      return pool
    }
  }
}

/// Gathers the types of files, and connects fields with their types at the end.
private struct Builder {
  var messages: [String: MessageSchema] = [:]
  var enums: [String: EnumSchema] = [:]
  /// By the message that they extend.
  private var extensions: [String: [FieldSchema]] = [:]

  mutating func add(_ file: GoogleProtobuf.FileDescriptorProto) {
    let isProto3 = file.syntax == "proto3"
    var waiting = file.messageType.map { (proto: $0, scope: file.package ?? "") }
    for proto in file.enumType { add(proto, scope: file.package ?? "") }
    for proto in file.extension { add(proto, scope: file.package ?? "", isProto3: isProto3) }
    // Not recursive: files may come from anywhere.
    while let (proto, scope) = waiting.popLast() {
      let fullName = Self.join(scope, proto.name ?? "")
      messages[fullName] = MessageSchema(proto, fullName: fullName, isProto3: isProto3)
      for nested in proto.enumType { add(nested, scope: fullName) }
      for field in proto.extension { add(field, scope: fullName, isProto3: isProto3) }
      waiting += proto.nestedType.map { ($0, fullName) }
    }
  }

  private mutating func add(_ proto: GoogleProtobuf.EnumDescriptorProto, scope: String) {
    let fullName = Self.join(scope, proto.name ?? "")
    enums[fullName] = EnumSchema(proto, fullName: fullName)
  }

  private mutating func add(_ proto: GoogleProtobuf.FieldDescriptorProto, scope: String, isProto3: Bool) {
    guard let extendee = proto.extendee, let name = proto.name,
      let field = FieldSchema(proto, isProto3: isProto3, extensionName: Self.join(scope, name))
    else { return }
    extensions[extendee.hasPrefix(".") ? String(extendee.dropFirst()) : extendee, default: []].append(field)
  }

  func link() throws(DescriptorPool.Failure) {
    for (name, fields) in extensions { messages[name]?.add(fields) }
    for message in messages.values {
      for field in message.fields {
        switch field.kind {
        case .message, .group:
          guard let type = messages[field.typeName] else {
            throw .unknownType(field.typeName, field: "\(message.fullName).\(field.name)")
          }
          field.message = type
        case .enum:
          guard let type = enums[field.typeName] else {
            throw .unknownType(field.typeName, field: "\(message.fullName).\(field.name)")
          }
          field.enum = type
        default: break
        }
      }
    }
  }

  private static func join(_ scope: String, _ name: String) -> String { scope.isEmpty ? name : "\(scope).\(name)" }
}
