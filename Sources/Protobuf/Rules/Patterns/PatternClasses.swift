/// The classes of characters that have names in RE2's syntax.
enum PatternClasses {
  /// `\d`, `\s`, `\w` and their opposites: ASCII only.
  static func perl(_ letter: Unicode.Scalar) -> (set: ScalarSet, isInverted: Bool)? {
    switch letter {
    case "d", "D": (ScalarSet(pairs: "09"), letter == "D")
    case "s", "S": (ScalarSet(pairs: "\t\n\u{C}\r  "), letter == "S")
    case "w", "W": (ScalarSet(pairs: "09AZ__az"), letter == "W")
    default: nil
    }
  }

  /// What stands between `[:` and `:]`.
  static let posix: [String: ScalarSet] = [
    "alnum": ScalarSet(pairs: "09AZaz"), "alpha": ScalarSet(pairs: "AZaz"), "ascii": ScalarSet(pairs: "\0\u{7F}"),
    "blank": ScalarSet(pairs: "\t\t  "), "cntrl": ScalarSet(pairs: "\0\u{1F}\u{7F}\u{7F}"),
    "digit": ScalarSet(pairs: "09"), "graph": ScalarSet(pairs: "!~"), "lower": ScalarSet(pairs: "az"),
    "print": ScalarSet(pairs: " ~"), "punct": ScalarSet(pairs: "!/:@[`{~"), "space": ScalarSet(pairs: "\t\r  "),
    "upper": ScalarSet(pairs: "AZ"), "word": ScalarSet(pairs: "09AZaz__"), "xdigit": ScalarSet(pairs: "09AFaf"),
  ]

  /// A general category of Unicode, such as `Lu`, or the letter that several have in common.
  static func unicode(_ name: String) -> ScalarSet? {
    if name == "Any" { return .all }
    guard let categories = categories[name] else { return nil }
    var ranges: [ClosedRange<UInt32>] = []
    for value in UInt32(0)...0x10_FFFF {
      // Surrogates are no scalars, and no text has them.
      guard let scalar = Unicode.Scalar(value), categories.contains(scalar.properties.generalCategory) else { continue }
      if let last = ranges.last, last.upperBound + 1 == value {
        ranges[ranges.count - 1] = last.lowerBound...value
      } else {
        ranges.append(value...value)
      }
    }
    return ScalarSet(ranges)
  }

  private static let categories: [String: Set<Unicode.GeneralCategory>] = {
    let single: [String: Unicode.GeneralCategory] = [
      "Lu": .uppercaseLetter, "Ll": .lowercaseLetter, "Lt": .titlecaseLetter, "Lm": .modifierLetter,
      "Lo": .otherLetter, "Mn": .nonspacingMark, "Mc": .spacingMark, "Me": .enclosingMark, "Nd": .decimalNumber,
      "Nl": .letterNumber, "No": .otherNumber, "Pc": .connectorPunctuation, "Pd": .dashPunctuation,
      "Ps": .openPunctuation, "Pe": .closePunctuation, "Pi": .initialPunctuation, "Pf": .finalPunctuation,
      "Po": .otherPunctuation, "Sm": .mathSymbol, "Sc": .currencySymbol, "Sk": .modifierSymbol, "So": .otherSymbol,
      "Zs": .spaceSeparator, "Zl": .lineSeparator, "Zp": .paragraphSeparator, "Cc": .control, "Cf": .format,
      "Co": .privateUse,
    ]
    var sets = single.mapValues { Set([$0]) }
    for (name, category) in single { sets[String(name.prefix(1)), default: []].insert(category) }
    return sets
  }()
}
