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
