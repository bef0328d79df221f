// What the text forms of Timestamp and Duration have in common.

enum Fraction {
  /// A point and 3, 6 or 9 digits, as many as needed; nothing for 0. `nanos` is 0…999 999 999.
  static func text(_ nanos: Int32) -> String {
    if nanos == 0 { return "" }
    if nanos % 1_000_000 == 0 { return "." + Int(nanos / 1_000_000).padded(to: 3) }
    if nanos % 1000 == 0 { return "." + Int(nanos / 1000).padded(to: 6) }
    return "." + Int(nanos).padded(to: 9)
  }
}

extension Int {
  /// In decimal with leading zeros. Not negative.
  func padded(to digits: Int) -> String {
    let text = String(self)
    return String(repeating: "0", count: Swift.max(0, digits - text.utf8.count)) + text
  }
}

/// Takes a text apart from front to back.
struct TextScanner {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = text[...].utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard let first = rest.first, UInt32(first) == character.value else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func digit() -> Int? {
    guard let first = rest.first, (0x30...0x39).contains(first) else { return nil }
    rest.removeFirst()
    return Int(first) - 0x30
  }

  mutating func number(digits: Int) -> Int? {
    var value = 0
    for _ in 0..<digits {
      guard let digit = digit() else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  /// One to `digits` digits.
  mutating func number(upTo digits: Int) -> Int? {
    guard var value = digit() else { return nil }
    for _ in 1..<digits {
      guard let digit = digit() else { break }
      value = value * 10 + digit
    }
    return value
  }

  /// Nanoseconds of a fraction of one to nine digits; 0 if there is none.
  mutating func fraction() -> Int32? {
    guard skip(".") else { return 0 }
    guard var nanos = digit() else { return nil }
    var places = 1
    while places < 9, let digit = digit() {
      nanos = nanos * 10 + digit
      places += 1
    }
    for _ in places..<9 { nanos *= 10 }
    return Int32(nanos)
  }

  /// `Z` or a signed `hh:mm`, in seconds east of UTC.
  mutating func offset() -> Int? {
    if skip("Z") || skip("z") { return 0 }
    let isWest = skip("-")
    guard isWest || skip("+"), let hours = number(digits: 2), hours < 24, skip(":"),
      let minutes = number(digits: 2), minutes < 60
    else { return nil }
    return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
  }
}
