import RPC
import Testing

@testable import Store

@Suite struct PageTests {
  private func list(_ fixture: Fixture, size: Int32, token: String, filter: String = "") throws -> ([String], String) {
    let page = try fixture.store.page(size: size, token: token, query: "orders", filter)
    let after = try page.text(0)
    var ids = try fixture.store.read { connection in
      try connection.query("SELECT id FROM orders WHERE id > ?1 ORDER BY id LIMIT ?2", after, page.fetchCount) {
        try $0[0] as String
      }
    }
    let next = page.finish(&ids) { [$0] }
    return (ids, next)
  }

  @Test func pagesCoverTheListOnce() async throws {
    let fixture = try Fixture()
    for letter in "abcdefg" { try await fixture.create(String(letter)) }
    var pages: [[String]] = []
    var token = ""
    repeat {
      let (ids, next) = try list(fixture, size: 3, token: token)
      pages.append(ids)
      token = next
    } while !token.isEmpty
    #expect(pages == [["a", "b", "c"], ["d", "e", "f"], ["g"]])
    #expect(try list(fixture, size: 7, token: "").1.isEmpty)
  }

  @Test func badAndForeignTokensAreRefused() async throws {
    let fixture = try Fixture()
    for letter in "abc" { try await fixture.create(String(letter)) }
    let (_, token) = try list(fixture, size: 1, token: "")
    var changed = Array(token.utf8)
    changed[2] = changed[2] == 65 ? 66 : 65
    let bad = [
      "x", "=", token + "A", String(token.dropLast()), String(decoding: changed, as: UTF8.self),
      String(repeating: "A", count: 5_000),
    ]
    for text in bad {
      let error = #expect(throws: RPCError.self) { try list(fixture, size: 1, token: text) }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message.contains("page_token") == true)
    }
    #expect(throws: RPCError.self) { try list(fixture, size: 1, token: token, filter: "state = DRAFT") }
    #expect(throws: RPCError.self) { try list(Fixture(), size: 1, token: token) }
  }

  @Test func sizesHaveADefaultAndALimit() throws {
    let fixture = try Fixture()
    #expect(try fixture.store.page(size: 0, token: "", query: "q").size == 50)
    #expect(try fixture.store.page(size: 100_000, token: "", query: "q").size == 500)
  }

  @Test func etagsFollowTheVersion() throws {
    try Etag.check("", version: 3)
    try Etag.check(Etag.tag(version: 3), version: 3)
    let error = #expect(throws: RPCError.self) { try Etag.check(Etag.tag(version: 2), version: 3) }
    #expect(error?.code == .aborted)
  }

  @Test func base64FollowsTheStandard() {
    // RFC 4648, section 10, without the padding.
    let vectors = [
      "": "", "f": "Zg", "fo": "Zm8", "foo": "Zm9v", "foob": "Zm9vYg", "fooba": "Zm9vYmE", "foobar": "Zm9vYmFy",
    ]
    for (plain, encoded) in vectors {
      #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
      #expect(Base64URL.decode(encoded) == Array(plain.utf8))
    }
    #expect(Base64URL.encode([0xfb, 0xff]) == "-_8")
    for bad in ["Z", "Zh", "Zm9=", "+/8"] { #expect(Base64URL.decode(bad) == nil) }
  }
}
