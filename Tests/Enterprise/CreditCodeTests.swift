import Enterprise
import Testing

@Suite struct CreditCodeTests {
  @Test(arguments: ["914403001922038216", "9144030071526726XG", "91330100799655058B", "91110000802100433B"])
  func valid(text: String) throws {
    let code = try CreditCode(text)
    #expect(code.text == text)
    #expect(code.categoryCode == "91")
    #expect(code.divisionCode.count == 6)
    #expect(code.organizationCode.count == 9)
  }

  @Test func parts() throws {
    let code = try CreditCode("9144030071526726XG")
    #expect(code.divisionCode == "440300")
    #expect(code.organizationCode == "71526726X")
  }

  @Test(arguments: [
    ("91110108717809965C", CreditCodeError.finalCheck(expected: "J", found: "C")),
    ("9111000060003IOZSV", .alphabet(position: 14, character: "I")),
    ("", .length(0)),
    ("91440300192203821", .length(17)),
    ("9144030019220382166", .length(19)),
    // The whole code holds, the organization code inside it does not: its check 1 became 2.
    ("914403001922038229", .organizationCheck(expected: "1", found: "2")),
    ("9144030071526726xG", .alphabet(position: 17, character: "x")),
    (" 14403001922038216", .alphabet(position: 1, character: " ")),
    ("９14403001922038216", .alphabet(position: 1, character: "９")),
  ])
  func invalid(text: String, error: CreditCodeError) {
    #expect(throws: error) { try CreditCode(text) }
  }

  /// Each kind of organization of each department, with both checks worked out apart from the implementation.
  @Test(arguments: [
    "1144030071526726XQ", "1244030071526726XM", "1344030071526726XJ", "1944030071526726X0", "2144030071526726XP",
    "2944030071526726XY", "3144030071526726XN", "3244030071526726XK", "3344030071526726XG", "3444030071526726XD",
    "3544030071526726XA", "3944030071526726XX", "4144030071526726XM", "4944030071526726XW", "5144030071526726XL",
    "5244030071526726XH", "5344030071526726XE", "5944030071526726XU", "6144030071526726XK", "6244030071526726XG",
    "6944030071526726XT", "7144030071526726XJ", "7244030071526726XF", "7944030071526726XR", "8144030071526726XH",
    "8944030071526726XQ", "9144030071526726XG", "9244030071526726XD", "9344030071526726XA", "A144030071526726XF",
    "A944030071526726XN", "N144030071526726X3", "N244030071526726X0", "N344030071526726XW", "N944030071526726XA",
    "Y144030071526726XT",
  ])
  func kinds(text: String) throws {
    #expect(try CreditCode(text).categoryCode == text.prefix(2))
  }

  /// Genuine codes of an institution and of enterprises, one of the central authorities' division among them, and one
  /// of the division that the Xinjiang Production and Construction Corps gives its institutions.
  @Test(arguments: [
    "123502001549897397", "91350200MA2YJ1XR9G", "91440101MA5CJQ4N59", "9110000071526726XC", "1299000071526726XC",
  ])
  func divisions(text: String) throws {
    #expect(try CreditCode(text).divisionCode == text.dropFirst(2).prefix(6))
  }

  /// Both checks hold; a part does not exist.
  @Test(arguments: [
    ("0144030071526726XR", CreditCodeError.department("0")),
    ("B144030071526726XE", .department("B")),
    ("C144030071526726XD", .department("C")),
    ("X144030071526726XU", .department("X")),
    ("9044030071526726XK", .category("0", department: "9", allowed: "123")),
    ("9444030071526726X7", .category("4", department: "9", allowed: "123")),
    ("9944030071526726XP", .category("9", department: "9", allowed: "123")),
    ("1444030071526726XF", .category("4", department: "1", allowed: "1239")),
    ("2244030071526726XL", .category("2", department: "2", allowed: "19")),
    ("3644030071526726X7", .category("6", department: "3", allowed: "123459")),
    ("5444030071526726XB", .category("4", department: "5", allowed: "1239")),
    ("6344030071526726XD", .category("3", department: "6", allowed: "129")),
    ("8344030071526726XB", .category("3", department: "8", allowed: "19")),
    ("A244030071526726XC", .category("2", department: "A", allowed: "19")),
    ("N444030071526726XR", .category("4", department: "N", allowed: "1239")),
    ("Y944030071526726X2", .category("9", department: "Y", allowed: "1")),
    ("9100000071526726XM", .division("000000")),
    ("9116000071526726X5", .division("160000")),
    ("9124000071526726XK", .division("240000")),
    ("9138000071526726XT", .division("380000")),
    ("9147000071526726XD", .division("470000")),
    ("9155000071526726XU", .division("550000")),
    ("9166000071526726XN", .division("660000")),
    ("9170000071526726XL", .division("700000")),
    ("9183000071526726XP", .division("830000")),
    ("9199000071526726X7", .division("990000")),
    ("914403A071526726XB", .division("4403A0")),
    ("91A4030071526726XQ", .division("A40300")),
    ("91440300000000000E", .organizationZero),
    ("000000000000000000", .department("0")),
  ])
  func partsThatDoNotExist(text: String, error: CreditCodeError) {
    #expect(throws: error) { try CreditCode(text) }
  }

  @Test(arguments: [
    ("000000000000000000", "character 1, the registering department"),
    ("9444030071526726X7", "department 9 has only 1, 2, 3"), ("9100000071526726XM", "the administrative division"),
    ("91440300000000000E", "characters 9 through 16"),
  ])
  func errorsNameThePart(text: String, part: String) {
    let error = #expect(throws: CreditCodeError.self) { try CreditCode(text) }
    #expect(error?.description.contains(part) == true)
  }

  /// Either check sees every single wrong character.
  @Test func everySingleSubstitutionIsRefused() {
    let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY")
    for text in ["914403001922038216", "9144030071526726XG", "91330100799655058B"] {
      for position in 0..<18 {
        for replacement in alphabet {
          var characters = Array(text)
          guard characters[position] != replacement else { continue }
          characters[position] = replacement
          #expect(throws: CreditCodeError.self) { try CreditCode(String(characters)) }
        }
      }
    }
  }

  @Test func errorsSayWhatIsExpected() {
    let error = #expect(throws: CreditCodeError.self) { try CreditCode("91110108717809965C") }
    #expect(error?.description.contains("should be \"J\"") == true)
  }
}
