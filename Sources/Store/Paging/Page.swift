import RPC

/// One page of a list, by keyset: where it starts and how many items it has.
public struct Page: Sendable {
  /// Items on the page at most.
  public let size: Int
  private let position: [SQLValue]?
  private let query: [String]
  private let tokens: PageToken

  /// The rows to ask for: one more than the page, which tells whether another page follows.
  public var fetchCount: Int { size + 1 }
  /// Whether it starts at the beginning.
  public var isFirst: Bool { position == nil }

  /// - Throws: INVALID_ARGUMENT naming page_token when it is not one of this query's.
  init(size: Int32, token: String, query: [String], tokens: PageToken, limits: StoreLimits) throws {
    self.size = size <= 0 ? limits.defaultPageSize : min(Int(size), limits.maximumPageSize)
    self.query = query
    self.tokens = tokens
    if token.isEmpty {
      position = nil
    } else {
      guard let decoded = tokens.decode(token, query: query) else { throw Self.badToken }
      position = decoded
    }
  }

  /// Key column `index` of the last item before this page, or `first` at the beginning.
  public func text(_ index: Int, first: String = "") throws -> String {
    guard let position else { return first }
    guard index >= 0, index < position.count, case .text(let text) = position[index] else { throw Self.badToken }
    return text
  }

  /// Key column `index` of the last item before this page, or `first` at the beginning: `.max` for descending keys.
  public func integer(_ index: Int, first: Int64 = .min) throws -> Int64 {
    guard let position else { return first }
    guard index >= 0, index < position.count, case .integer(let integer) = position[index] else { throw Self.badToken }
    return integer
  }

  /// Cuts the extra row off. Returns the next page's token, empty on the last page.
  ///
  /// - Parameter key: The key columns of an item, in the order in which the query compares them.
  public func finish<Item>(_ items: inout [Item], key: (Item) -> [any Bindable]) -> String {
    guard items.count > size else { return "" }
    items.removeLast(items.count - size)
    guard let last = items.last else { return "" }
    return tokens.encode(key(last).map(\.sqlValue), query: query)
  }

  private static var badToken: RPCError {
    .invalidArgument(field: "page_token", "is not a token that this server gave out for this query")
  }
}
