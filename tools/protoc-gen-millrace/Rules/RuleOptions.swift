import Protobuf

/// Reads the options of `buf/validate/validate.proto` out of the options of a descriptor, where they are unknown fields.
enum RuleOptions {
  /// The contract itself; what stands in it are no rules.
  static let contract = "buf/validate/validate.proto"
  /// The extensions' numbers in the options of messages, oneofs and fields.
  private static let number = 1159
  private static let predefinedNumber = 1160

  static func rules<Rules: Message>(_ options: UnknownFields?, place: String) throws -> Rules? {
    // `(buf.validate.field).a = 1, (buf.validate.field).b = 2` comes as two values, to be merged.
    guard let payloads = options?.payloads(of: number), !payloads.isEmpty else { return nil }
    do {
      return try Rules(serializedBytes: payloads.flatMap(\.self))
    } catch {
      throw GeneratorError("\(place): its rules (buf.validate) cannot be read: \(error)")
    }
  }

  static func expectNoPredefinedRule(_ options: UnknownFields?, place: String) throws {
    if options?.payloads(of: predefinedNumber).isEmpty == false {
      throw GeneratorError("\(place): rules of one's own, (buf.validate.predefined), are not supported")
    }
  }

  /// Rules that the contract of rules does not know: extensions, or a newer version of it.
  static func expectKnown(_ rules: some Message, place: String) throws {
    if !rules.unknownFields.isEmpty {
      throw GeneratorError(
        "\(place): it has rules that \(type(of: rules).protoName) does not have; predefined rules are not supported"
      )
    }
  }

  static func expectNoExpressions(_ rules: [BufValidate.Rule], _ expressions: [String], place: String) throws {
    if let name = rules.first.map({ $0.id ?? "" }) ?? expressions.first {
      throw GeneratorError(
        "\(place): rules in the Common Expression Language are not supported (“\(name)”); use the standard rules, or "
          + "check it in the handler"
      )
    }
  }
}
