/// A message type. Reference identity is type identity: there is one instance a type in a run.
final class MessageModel {
  /// `Total`
  let name: String
  /// `millrace.ledger.v1.TrialBalance.Total`, without a leading dot.
  let fullName: String
  /// The last component of the Swift name, never needing back-ticks except for `Any`; see `swiftDeclaredName`.
  let swiftName: String
  unowned let file: FileModel
  /// The message that it is nested in.
  unowned let parent: MessageModel?
  let comments: Comments
  let isDeprecated: Bool
  /// The synthetic type behind a `map<K, V>` field: two fields, key = 1 and value = 2. No public Swift type exists for it.
  let isMapEntry: Bool

  /// In the order of declaration; members of oneofs included.
  var fields: [FieldModel] = []
  /// Real oneofs only: the synthetic one of a proto3 `optional` field is resolved into `FieldModel.presence`.
  var oneofs: [OneofModel] = []
  /// Nested messages in the order of declaration, map entries included.
  var nested: [MessageModel] = []
  var enums: [EnumModel] = []

  /// Whether a value can contain, at any depth and by whatever way (repeated and map fields too), a value of its own type.
  var isRecursive = false

  /// Groups of fields that exclude each other by a rule.
  var exclusiveFields: [ExclusiveFields] = []
  /// Whether the contract has rules for it, or for a message that it can contain.
  var hasRules = false

  init(
    name: String,
    fullName: String,
    swiftName: String,
    file: FileModel,
    parent: MessageModel?,
    comments: Comments,
    isDeprecated: Bool,
    isMapEntry: Bool
  ) {
    self.name = name
    self.fullName = fullName
    self.swiftName = swiftName
    self.file = file
    self.parent = parent
    self.comments = comments
    self.isDeprecated = isDeprecated
    self.isMapEntry = isMapEntry
  }

  /// Itself and everything nested in it, outer before inner.
  var withNested: [MessageModel] { [self] + nested.flatMap(\.withNested) }

  /// Nested messages that get a public Swift type.
  var publicNested: [MessageModel] { nested.filter { !$0.isMapEntry } }

  /// In the order of their numbers, as descriptor tables want them.
  var fieldsByNumber: [FieldModel] { fields.sorted { $0.number < $1.number } }

  /// Whether one of its oneofs has a member of message type.
  var hasOneofWithMessage: Bool { oneofs.contains { $0.fields.contains { $0.kind.message != nil } } }

  /// Swift names from the namespace (excluded) down to this type, for example `["TrialBalance", "Total"]`.
  var swiftPath: [String] { (parent?.swiftPath ?? []) + [swiftName] }

  /// A name unique in the module that may serve as part of a file-scope identifier: `LedgerV1_TrialBalance_Total`.
  var flatName: String { ([file.namespace] + swiftPath).joined(separator: "_") }

  /// Stored properties of the public struct in order: plain fields, and a oneof where its first member stands.
  var properties: [PropertyModel] {
    fields.compactMap { field in
      guard let oneof = field.oneof else { return .field(field) }
      return oneof.fields.first === field ? .oneof(oneof) : nil
    }
  }
}

/// A stored property of a message's struct.
enum PropertyModel {
  case field(FieldModel)
  case oneof(OneofModel)

  var swiftName: String {
    switch self {
    case .field(let field): field.swiftName
    case .oneof(let oneof): oneof.swiftName
    }
  }
}

/// A oneof that the author wrote: an optional enum with a payload a member.
final class OneofModel {
  let name: String
  /// The property: `decision`.
  let swiftName: String
  /// The enum nested in the message: `Decision`.
  let swiftTypeName: String
  unowned let message: MessageModel
  let comments: Comments
  /// Members in the order of declaration; each is also in `message.fields`.
  var fields: [FieldModel] = []
  /// Whether a rule wants one of the members to be set.
  var isRequired = false

  init(name: String, swiftName: String, swiftTypeName: String, message: MessageModel, comments: Comments) {
    self.name = name
    self.swiftName = swiftName
    self.swiftTypeName = swiftTypeName
    self.message = message
    self.comments = comments
  }
}
