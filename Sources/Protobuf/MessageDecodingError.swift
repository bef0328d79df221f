/// Why bytes are not a message of the wanted type.
public struct MessageDecodingError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Kind: String, Sendable, Hashable {
    /// The bytes break the wire format.
    case malformed
    /// A `string` field holds something else than UTF-8.
    case invalidUTF8
    /// More levels of sub-messages than `DecodingLimits.maxDepth`.
    case tooDeep
    /// More memory needed than `DecodingLimits.arenaBytes`.
    case budgetExceeded
    /// A required field is not there.
    case missingField
  }

  public var kind: Kind
  /// The field it happened in, by proto names, such as `schedule[2].principal.currency_code`; empty for the message
  /// itself.
  public var path: String
  /// Where in the input, counted from 0; nil if it concerns no particular byte.
  public var byteOffset: Int?

  public init(kind: Kind, path: String = "", byteOffset: Int? = nil) {
    self.kind = kind
    self.path = path
    self.byteOffset = byteOffset
  }

  public var description: String {
    let what =
      switch kind {
      case .malformed: "malformed message"
      case .invalidUTF8: "text that is not UTF-8"
      case .tooDeep: "message nested too deep"
      case .budgetExceeded: "message too large to decode"
      case .missingField: "required value missing"
      }
    let place = path.isEmpty ? "" : " in field \(path)"
    guard let byteOffset else { return what + place }
    return "\(what)\(place) at byte \(byteOffset)"
  }

  /// The same error, seen from the message that holds `field`.
  func within(_ field: String) -> MessageDecodingError {
    var outer = self
    outer.path = path.isEmpty ? field : "\(field).\(path)"
    return outer
  }
}
