/// Who registered an organization, by the first eight characters of its credit code: the department, the kind of
/// organization that it registers, and the administrative division where it does.
///
/// Source: GB 32100-2015, 5.1 to 5.3 and its table of departments, with those that were added later (A, N); divisions as
/// in GB/T 2260, of which only the province is checked: districts and counties change, and codes stay.
enum RegisteringDepartment {
  /// The kinds of organization, by department; 9 is "other" except with the market regulator.
  static let categories: [Character: String] = [
    "1": "1239",  // commission for public sector reform: authority, institution, mass organization
    "2": "19",  // foreign affairs: foreign news agency
    "3": "123459",  // justice: law firm, notary, legal service, forensic institute, arbitration commission
    "4": "19",  // culture: foreign cultural center
    "5": "1239",  // civil affairs: association, private non-enterprise unit, foundation
    "6": "129",  // tourism: office of a foreign tourist board, or of one of Hong Kong, Macao or Taiwan
    "7": "129",  // religious affairs: place of worship, religious school
    "8": "19",  // trade unions: union
    "9": "123",  // market regulation: enterprise, individual business, farmers' cooperative
    "A": "19",  // reform and organization office of the Central Military Commission: military institution
    "N": "1239",  // agriculture: collective economic organization of a group, a village or a township
    "Y": "1",  // any other department
  ]

  /// The first two digits of a division: the provinces, and 10 for the central authorities, whose division is 100000.
  static let provinces: Set<Substring> = Set(
    "10 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82"
      .split(separator: " "))

  /// The Xinjiang Production and Construction Corps, which registers institutions, and those alone, beside the provinces.
  static let corps = "99"

  /// - Throws: `CreditCodeError.department`, `category` or `division`.
  static func check(_ code: [Character]) throws(CreditCodeError) {
    guard let categories = categories[code[0]] else { throw .department(code[0]) }
    guard categories.contains(code[1]) else {
      throw .category(code[1], department: code[0], allowed: categories)
    }
    let division = String(code[2..<8])
    let province = division.prefix(2)
    guard division.utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
      provinces.contains(province) || (province == corps && code[0] == "1")
    else { throw .division(division) }
  }
}
