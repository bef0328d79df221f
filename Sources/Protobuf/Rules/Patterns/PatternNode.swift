/// A pattern as a tree. Groups, names and greediness are gone, since all that is asked is whether there is a match.
indirect enum PatternNode: Sendable {
  case empty
  case scalar(ScalarSet)
  case assertion(Assertion)
  case sequence([PatternNode])
  case alternatives([PatternNode])
  /// Without a `most` there is no end.
  case repetition(PatternNode, least: Int, most: Int?)

  enum Assertion: Sendable {
    case textStart, textEnd
    case lineStart, lineEnd
    case wordBoundary, noWordBoundary
  }

  /// How often the innermost part is repeated by nested repetitions, as RE2 counts it.
  var repetitions: Int {
    switch self {
    case .empty, .scalar, .assertion: 1
    case .sequence(let nodes), .alternatives(let nodes): nodes.map(\.repetitions).max() ?? 1
    case .repetition(let node, let least, let most): node.repetitions.clampedProduct(max(most ?? least, 1))
    }
  }
}

extension Int {
  fileprivate func clampedProduct(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}
