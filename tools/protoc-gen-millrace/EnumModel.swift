/// An enum type. The Swift enum has one case a number, and `unrecognized` for the rest.
final class EnumModel {
  let name: String
  /// `millrace.financing.v1.Application.State`
  let fullName: String
  let swiftName: String
  unowned let file: FileModel
  unowned let parent: MessageModel?
  let comments: Comments
  let isDeprecated: Bool
  /// In the order of declaration, aliases included.
  var cases: [Case] = []

  struct Case {
    /// `STATE_DRAFT`
    let name: String
    let number: Int32
    /// `draft`, without back-ticks.
    let swiftName: String
    /// The Swift name of the earlier case with the same number; it may be the same as this one's.
    let aliasOf: String?
    let comments: Comments
    let isDeprecated: Bool
  }

  init(
    name: String,
    fullName: String,
    swiftName: String,
    file: FileModel,
    parent: MessageModel?,
    comments: Comments,
    isDeprecated: Bool
  ) {
    self.name = name
    self.fullName = fullName
    self.swiftName = swiftName
    self.file = file
    self.parent = parent
    self.comments = comments
    self.isDeprecated = isDeprecated
  }

  /// One a number.
  var distinctCases: [Case] { cases.filter { $0.aliasOf == nil } }

  /// What an absent field reads as: the first value declared. protoc refuses an enum without values.
  var defaultCase: Case? { cases.first }

  var swiftPath: [String] { (parent?.swiftPath ?? []) + [swiftName] }
}
