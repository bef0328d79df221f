/// Tests of lists.
public enum RuleList {
  /// Whether two items are equal. Zero equals minus zero, and what is not a number equals nothing.
  public static func hasDuplicates<Item: Hashable>(_ items: [Item]) -> Bool {
    var seen = Set<Item>(minimumCapacity: items.count)
    return !items.allSatisfy { seen.insert($0).inserted }
  }

  /// Whether two texts are the same, byte by byte.
  public static func hasDuplicates(_ texts: [String]) -> Bool { hasDuplicates(texts.map { Array($0.utf8) }) }

  /// Whether two lists of texts are the same, byte by byte.
  public static func equals(_ texts: [String], _ others: [String]) -> Bool {
    texts.elementsEqual(others, by: RuleText.equals)
  }

  /// Whether `path` or one that it lies below is among `paths`.
  public static func covers(_ paths: [String], _ path: String) -> Bool {
    paths.contains { RuleText.equals(path, $0) || RuleText.begins(path, with: $0 + ".") }
  }
}
