/// A number as JSON writes it, read exactly.
struct JSONNumber {
  private var isNegative = false
  /// The digits without leading zeros, as an integer times ten to the power of `exponent`.
  private var digits: [UInt8] = []
  private var exponent = 0

  /// Nil if the text is no number.
  init?(_ text: String) {
    var lexer = JSONLexer(Array(text.utf8))
    guard let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
      (try? lexer.number()) != nil, lexer.isAtEnd
    else { return nil }
    var rest = Substring(text)
    if rest.first == "-" {
      isNegative = true
      rest.removeFirst()
    }
    if let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
      // An exponent past these bounds is one, whatever the digits.
      exponent = max(
        -10_000, min(10_000, Int(rest[rest.index(after: mark)...]) ?? (rest.contains("e-") ? -10_000 : 10_000)))
      rest = rest[..<mark]
    }
    var isFraction = false
    for character in rest.utf8 {
      if character == UInt8(ascii: ".") {
        isFraction = true
        continue
      }
      if isFraction { exponent -= 1 }
      if !digits.isEmpty || character != UInt8(ascii: "0") { digits.append(character - 0x30) }
    }
    while digits.last == 0 {
      digits.removeLast()
      exponent += 1
    }
  }

  /// The number as an integer; nil if it has a fraction or does not fit.
  func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Integer? {
    if digits.isEmpty { return 0 }
    guard exponent >= 0, digits.count + exponent <= 20 else { return nil }
    var value: Integer = 0
    for digit in digits + [UInt8](repeating: 0, count: exponent) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowsToo) =
        isNegative
        ? product.subtractingReportingOverflow(Integer(digit)) : product.addingReportingOverflow(Integer(digit))
      if overflow || overflowsToo { return nil }
      value = sum
    }
    return value
  }
}

extension FieldSchema.Kind {
  /// How a number travels in the wire format. Nil if it has a fraction or does not fit, or if the kind is no integer.
  func bits(of number: JSONNumber) -> UInt64? {
    switch self {
    case .uint64, .fixed64: number.integer(UInt64.self)
    default: number.integer(Int64.self).flatMap { bits(of: $0) }
    }
  }

  func bits(of number: Int64) -> UInt64? {
    switch self {
    case .int32: Int32(exactly: number).map { UInt64(bitPattern: Int64($0)) }
    case .sfixed32: Int32(exactly: number).map { UInt64(UInt32(bitPattern: $0)) }
    case .sint32: Int32(exactly: number).map { UInt64(UInt32(bitPattern: $0 << 1 ^ $0 >> 31)) }
    case .int64, .sfixed64: UInt64(bitPattern: number)
    case .sint64: UInt64(bitPattern: number << 1 ^ number >> 63)
    case .uint32, .fixed32: UInt32(exactly: number).map { UInt64($0) }
    case .uint64, .fixed64: UInt64(exactly: number)
    default: nil
    }
  }
}
