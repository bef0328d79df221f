/// A set of code points: ranges in ascending order that do not touch.
struct ScalarSet: Sendable, Hashable {
  private(set) var ranges: [ClosedRange<UInt32>] = []

  static let all = ScalarSet([0...0x10_FFFF])

  init(_ ranges: [ClosedRange<UInt32>] = []) {
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = self.ranges.last, range.lowerBound <= last.upperBound &+ 1 {
        self.ranges[self.ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        self.ranges.append(range)
      }
    }
  }

  init(_ scalar: Unicode.Scalar) { ranges = [scalar.value...scalar.value] }

  /// The code points of `lowerBound` `upperBound` `lowerBound` `upperBound` …, for ASCII classes.
  init(pairs: String) {
    let scalars = Array(pairs.unicodeScalars)
    self.init(
      stride(from: 0, to: scalars.count - 1, by: 2).map { index in scalars[index].value...scalars[index + 1].value }
    )
  }

  func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

  var inverted: ScalarSet {
    var gaps: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { gaps.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    if next <= 0x10_FFFF { gaps.append(next...0x10_FFFF) }
    return ScalarSet(gaps)
  }

  var isASCII: Bool { (ranges.last?.upperBound ?? 0) < 0x80 }

  func contains(_ scalar: UInt32) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].lowerBound <= scalar
  }

  /// With the other case of every ASCII letter, and the two characters beyond ASCII that are the other case of one.
  var ignoringCase: ScalarSet {
    var others: [ClosedRange<UInt32>] = []
    for range in ranges {
      for (first, last, distance) in [(0x41, 0x5A, 0x20), (0x61, 0x7A, -0x20)] as [(UInt32, UInt32, Int)] {
        let low = max(range.lowerBound, first)
        let high = min(range.upperBound, last)
        if low <= high { others.append(UInt32(Int(low) + distance)...UInt32(Int(high) + distance)) }
      }
    }
    var folded = union(ScalarSet(others))
    if folded.contains(0x6B) { folded = folded.union(ScalarSet("\u{212A}")) }
    if folded.contains(0x73) { folded = folded.union(ScalarSet("\u{17F}")) }
    return folded
  }
}
