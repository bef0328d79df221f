import Testing

@testable import RPC

/// How many streams an address may hold open.
struct StreamCensusTests {
  @Test func anAddressHoldsAsManyAsItMay() throws {
    let census = StreamCensus(maxStreams: 2, maxUnauthenticatedStreams: 1)
    let entry = census.enter("192.0.2.1")
    let first = try census.open(entry, isAuthenticated: false)
    let unauthenticated = #expect(throws: RPCError.self) { _ = try census.open(entry, isAuthenticated: false) }
    #expect(unauthenticated?.code == .resourceExhausted)
    let second = try census.open(entry, isAuthenticated: true)
    #expect(throws: RPCError.self) { _ = try census.open(entry, isAuthenticated: true) }
    census.close(first)
    let third = try census.open(entry, isAuthenticated: false)
    census.close(second)
    census.close(third)
  }

  @Test func connectionsOfAnAddressShareIt() throws {
    let census = StreamCensus(maxStreams: 1, maxUnauthenticatedStreams: 1)
    let (one, another, other) = (census.enter("192.0.2.1"), census.enter("192.0.2.1"), census.enter("192.0.2.2"))
    _ = try census.open(one, isAuthenticated: true)
    #expect(throws: RPCError.self) { _ = try census.open(another, isAuthenticated: true) }
    _ = try census.open(other, isAuthenticated: true)
  }

  @Test func anAddressIsForgottenWithItsLastConnection() throws {
    let census = StreamCensus(maxStreams: 1, maxUnauthenticatedStreams: 1)
    let one = census.enter("192.0.2.1")
    _ = census.enter("192.0.2.1")
    census.leave("192.0.2.1")
    #expect(census.enter("192.0.2.1") === one)
    census.leave("192.0.2.1")
    census.leave("192.0.2.1")
    #expect(census.enter("192.0.2.1") !== one)
  }

  @Test(arguments: [
    ("192.0.2.1:50000", "192.0.2.1"), ("[2001:db8::1]:50000", "[2001:db8::1]"), ("unix:/run/m", "unix"),
    ("in-process", "in-process"),
  ])
  func aPeersOriginIsItsHost(_ address: String, _ origin: String) {
    #expect(Peer(address: address).origin == origin)
  }
}
