/// One `.proto` file, resolved: every type that it names is found, every Swift name is chosen.
final class FileModel {
  /// `millrace/type/v1/money.proto`, as protoc knows it.
  let path: String
  /// `millrace.type.v1`; empty for a file without a package.
  let package: String
  let syntax: Syntax
  /// The caseless enum that holds the package's declarations, for example `TypeV1`.
  let namespace: String
  /// The Swift module that the generated code compiles into.
  let module: String
  /// The serialized FileDescriptorProto without source info, as reflection serves it.
  let descriptor: [UInt8]
  /// The comment on the syntax or package statement.
  let comments: Comments
  /// Direct imports, in the file's order.
  var dependencies: [FileModel] = []
  /// Top-level messages, in the file's order.
  var messages: [MessageModel] = []
  /// Top-level enums, in the file's order.
  var enums: [EnumModel] = []
  var services: [ServiceModel] = []
  /// All `extend` fields of the file, nested ones included.
  var extensions: [ExtensionModel] = []
  /// The static property of the namespace that holds the embedded descriptor, for example `moneyFile`.
  var descriptorName = ""

  enum Syntax {
    case proto2
    case proto3
  }

  init(
    path: String,
    package: String,
    syntax: Syntax,
    namespace: String,
    module: String,
    descriptor: [UInt8],
    comments: Comments
  ) {
    self.path = path
    self.package = package
    self.syntax = syntax
    self.namespace = namespace
    self.module = module
    self.descriptor = descriptor
    self.comments = comments
  }

  /// Every message of the file: outer before inner, in the file's order, map entries included where they are declared.
  var allMessages: [MessageModel] { messages.flatMap(\.withNested) }

  /// Every enum of the file, nested ones after the top-level ones.
  var allEnums: [EnumModel] { enums + allMessages.flatMap(\.enums) }
}

/// What the author wrote around a declaration.
struct Comments {
  var leading = ""
  var trailing = ""

  var isEmpty: Bool { leading.isEmpty && trailing.isEmpty }
}

/// A field that a file adds to someone else's message. On the wire it is an ordinary field of that message.
struct ExtensionModel {
  /// `millrace.options.v1.access`
  let fullName: String
  let extendee: MessageModel
  let field: FieldModel
}
