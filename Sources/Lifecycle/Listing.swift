import Identity
import Protobuf
import RPC
import Store

/// A request for a page of a list.
public protocol ListRequest: Message {
  var pageSize: Int32 { get set }
  var pageToken: String { get set }
}

/// What orders a list, upward; a page begins after one.
public protocol ListKey: Bindable, Sendable {
  /// The key of the last item before a page, or one before all keys.
  init(before page: Page) throws
}

extension String: ListKey {
  public init(before page: Page) throws { self = try page.text(0) }
}

extension Int64: ListKey {
  public init(before page: Page) throws { self = try page.integer(0, first: 0) }
}

extension Store {
  /// The items on the page that a request asks for, and the token of the next page, empty on the last one. A token is good
  /// for the same caller and the same request, whatever the size of its pages.
  ///
  /// - Parameter key: What the items are ordered by.
  /// - Parameter items: Reads the items after a key, as many as the limit says at most.
  /// - Throws: INVALID_ARGUMENT naming page_token; what `items` throws.
  public func list<Item: Sendable, Key: ListKey>(
    _ request: some ListRequest, _ call: Call, by key: (Item) -> Key,
    _ items: @escaping @Sendable (_ after: Key, _ limit: Int, _ connection: Connection) throws -> [Item]
  ) async throws -> (items: [Item], nextPageToken: String) {
    var query = request
    query.pageSize = 0
    query.pageToken = ""
    let page = try page(
      size: request.pageSize, token: request.pageToken, query: call.method.path, try call.caller().subject,
      String(decoding: Base64.encode(query.serializedBytes(deterministic: true)), as: UTF8.self))
    let after = try Key(before: page)
    var found = try await scan { try items(after, page.fetchCount, $0) }
    let next = page.finish(&found) { [key($0)] }
    return (found, next)
  }
}
