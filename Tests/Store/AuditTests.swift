import RPC
import Testing

@testable import Store

@Suite struct AuditTests {
  private func filled() async throws -> Fixture {
    let fixture = try Fixture()
    for index in 0..<5 { try await fixture.create("\(index)") }
    return fixture
  }

  private func anchor(_ fixture: Fixture) async throws -> AuditAnchor {
    guard case .intact(let anchor) = try await fixture.store.verifyAuditChain() else {
      throw StartError("broken")
    }
    return anchor
  }

  @Test(arguments: [
    "UPDATE store_audit SET actor = 'users/2' WHERE sequence = 3",
    "UPDATE store_audit SET at = at + 1 WHERE sequence = 3",
    "UPDATE store_audit SET action = 'creat', resource = 'e' || resource WHERE sequence = 3",
    "UPDATE store_audit SET hash = zeroblob(32) WHERE sequence = 3",
    "DELETE FROM store_audit WHERE sequence = 3",
  ])
  func tamperingIsFoundWhereItHappened(_ sql: String) async throws {
    let fixture = try await filled()
    try fixture.otherConnection().execute(sql)
    guard case .broken(let sequence, _) = try await fixture.store.verifyAuditChain() else {
      Issue.record("tampering was not found")
      return
    }
    #expect(sequence == 3)
  }

  @Test func aCutEndIsFoundWithAnAnchor() async throws {
    let fixture = try await filled()
    let anchor = try await anchor(fixture)
    #expect(anchor.sequence == 5)
    try fixture.otherConnection().execute("DELETE FROM store_audit WHERE sequence > 3")
    guard case .broken(let sequence, _) = try await fixture.store.verifyAuditChain(anchor: anchor) else {
      Issue.record("the missing end was not found")
      return
    }
    #expect(sequence == 4)
  }

  @Test func theChainGoesOn() async throws {
    let fixture = try await filled()
    let earlier = try await anchor(fixture)
    try await fixture.create("more")
    #expect(try await fixture.store.verifyAuditChain(anchor: earlier) != .intact(earlier))
    #expect(try await anchor(fixture).sequence == 6)
  }
}
