extension FixedWidthInteger {
  /// Reads decimal digits and nothing else: no sign, which the initializers of the standard library take. Nil for any other
  /// text, and for a number that does not fit.
  public init?(digits text: some StringProtocol) {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    self.init(text)
  }
}
