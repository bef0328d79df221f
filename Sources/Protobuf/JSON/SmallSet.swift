/// A set of small numbers, such as the indices of fields; up to 63 it takes no memory of its own.
struct SmallSet {
  private var low: UInt64 = 0
  private var rest: Set<Int> = []

  /// Whether the number is new.
  mutating func insert(_ number: Int) -> Bool {
    guard number < 64 else { return rest.insert(number).inserted }
    let bit: UInt64 = 1 << UInt64(number)
    guard low & bit == 0 else { return false }
    low |= bit
    return true
  }

  func contains(_ number: Int) -> Bool {
    number < 64 ? low & 1 << UInt64(number) != 0 : rest.contains(number)
  }
}
