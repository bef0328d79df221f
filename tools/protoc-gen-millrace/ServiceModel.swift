/// A service and its methods.
final class ServiceModel {
  let name: String
  /// `millrace.financing.v1.FinancingService`
  let fullName: String
  /// The protocol; the method list and the client take it as prefix.
  let swiftName: String
  unowned let file: FileModel
  let comments: Comments
  let isDeprecated: Bool
  var methods: [MethodModel] = []

  init(name: String, fullName: String, swiftName: String, file: FileModel, comments: Comments, isDeprecated: Bool) {
    self.name = name
    self.fullName = fullName
    self.swiftName = swiftName
    self.file = file
    self.comments = comments
    self.isDeprecated = isDeprecated
  }
}

struct MethodModel {
  let name: String
  /// `createApplication`, without back-ticks.
  let swiftName: String
  let input: MessageModel
  let output: MessageModel
  let kind: Kind
  let access: Access
  let execution: Execution
  let idempotency: Idempotency
  let comments: Comments
  let isDeprecated: Bool

  enum Kind: String {
    case unary, clientStreaming, serverStreaming, bidirectional
  }

  /// Who may call, from `option (millrace.options.v1.access)`.
  enum Access: Equatable {
    case unspecified
    case `public`
    case permission(String)
  }

  /// How a handler is run, from `option (millrace.options.v1.execution)`.
  enum Execution: String {
    case onLoop, costly, vital

    /// By the option's number in the contract.
    init?(number: UInt64) {
      switch number {
      case 0: self = .onLoop
      case 1: self = .costly
      case 2: self = .vital
      default: return nil
      }
    }
  }

  enum Idempotency: String {
    case unspecified, noSideEffects, idempotent
  }
}

extension MethodModel.Kind {
  init(clientStreaming: Bool, serverStreaming: Bool) {
    switch (clientStreaming, serverStreaming) {
    case (false, false): self = .unary
    case (true, false): self = .clientStreaming
    case (false, true): self = .serverStreaming
    case (true, true): self = .bidirectional
    }
  }
}
