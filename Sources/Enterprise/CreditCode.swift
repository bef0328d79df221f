/// A valid unified social credit code of GB 32100-2015: 18 characters that say who registered the organization, and which
/// one it is, with two checks inside.
public struct CreditCode: Sendable, Hashable, CustomStringConvertible {
  /// The 18 characters, upper case.
  public let text: String

  /// Accepts the code as it is written: no spaces, no lower case.
  /// - Throws: `CreditCodeError`, which says what is wrong first.
  public init(_ text: String) throws(CreditCodeError) {
    let characters = Array(text.unicodeScalars.prefix(CreditCode.length + 1))
    guard characters.count == CreditCode.length else { throw .length(text.unicodeScalars.count) }
    var values: [Int] = []
    for (index, character) in characters.enumerated() {
      guard let value = CreditCode.value(of: character) else {
        throw .alphabet(position: index + 1, character: Character(character))
      }
      values.append(value)
    }
    try RegisteringDepartment.check(characters.map(Character.init))
    guard characters[8..<16].contains(where: { $0 != "0" }) else { throw .organizationZero }
    // The check over the whole code comes first: a wrong organization code usually breaks both, and a code that is
    // right as a whole but not inside is a different finding.
    let finalCheck = CreditCode.finalCheck(values.prefix(17))
    if characters[17] != finalCheck {
      throw .finalCheck(expected: Character(finalCheck), found: Character(characters[17]))
    }
    let organizationCheck = CreditCode.organizationCheck(characters[8..<16])
    if characters[16] != organizationCheck {
      throw .organizationCheck(expected: Character(organizationCheck), found: Character(characters[16]))
    }
    self.text = text
  }

  public var description: String { text }

  /// Characters 1 and 2: the registering department and the kind of organization.
  public var categoryCode: Substring { text.prefix(2) }
  /// Characters 3 through 8: the administrative division of registration.
  public var divisionCode: Substring { text.dropFirst(2).prefix(6) }
  /// Characters 9 through 17: the organization code of GB 11714 with its own check.
  public var organizationCode: Substring { text.dropFirst(8).prefix(9) }
}

/// What is wrong with a credit code. Genuine codes that fail a check exist; whether one is accepted nevertheless is
/// a decision of two persons, not of this rule.
public enum CreditCodeError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The number of characters found; 18 are required.
  case length(Int)
  /// A character outside the alphabet, which has no I, O, S, V and Z. Positions count from 1.
  case alphabet(position: Int, character: Character)
  /// Character 1 is not a registering department.
  case department(Character)
  /// Character 2 is not a kind of organization that the department registers.
  case category(Character, department: Character, allowed: String)
  /// Characters 3 through 8 are not an administrative division.
  case division(String)
  /// Characters 9 through 16 are all 0, which identifies no organization.
  case organizationZero
  /// Character 17 does not follow from characters 9 through 16.
  case organizationCheck(expected: Character, found: Character)
  /// Character 18 does not follow from the characters before it.
  case finalCheck(expected: Character, found: Character)

  public var description: String {
    switch self {
    case .length(let count): "a unified social credit code has 18 characters, not \(count)"
    case .alphabet(let position, let character):
      "character \(position) is \"\(character)\"; allowed are digits and upper-case letters without I, O, S, V, Z"
    case .department(let found):
      "character 1, the registering department, is \"\(found)\" but should be 1 through 9, A, N or Y"
    case .category(let found, let department, let allowed):
      "character 2, the kind of organization, is \"\(found)\" but department \(department) has only "
        + allowed.map(String.init).joined(separator: ", ")
    case .division(let found):
      "characters 3 through 8, the administrative division, are \"\(found)\" but should be six digits that begin with "
        + "those of a province"
    case .organizationZero: "characters 9 through 16, the organization code, are all 0"
    case .organizationCheck(let expected, let found):
      "character 17, the check of the organization code, is \"\(found)\" but should be \"\(expected)\""
    case .finalCheck(let expected, let found):
      "character 18, the check of the whole code, is \"\(found)\" but should be \"\(expected)\""
    }
  }
}

// MARK: - GB 32100-2015

extension CreditCode {
  /// Number of characters.
  public static let length = 18

  private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".unicodeScalars)
  private static let weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
  private static let organizationWeights = [3, 7, 9, 10, 5, 8, 4, 2]

  private static func value(of character: Unicode.Scalar) -> Int? { alphabet.firstIndex(of: character) }

  /// Values by the alphabet, modulo 31.
  private static func finalCheck(_ values: some Sequence<Int>) -> Unicode.Scalar {
    let sum = zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 }
    return alphabet[(31 - sum % 31) % 31]
  }

  /// GB 11714 counts letters A = 10 through Z = 35 without gaps, modulo 11.
  private static func organizationCheck(_ characters: some Sequence<Unicode.Scalar>) -> Unicode.Scalar {
    let sum = zip(characters, organizationWeights).reduce(0) { sum, pair in
      let code = Int(pair.0.value)
      return sum + (code < 0x41 ? code - 0x30 : code - 0x41 + 10) * pair.1
    }
    let check = 11 - sum % 11
    return check == 10 ? "X" : alphabet[check % 11]
  }
}
