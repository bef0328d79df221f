import Testing

@testable import RPC

/// The packed bytes come from Python's gzip and zlib modules.
struct CompressionTests {
  private static let text = Array(String(repeating: "applications/0190f3b2 ", count: 3).utf8)
  private static let gzip: [UInt8] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 75, 44, 40, 200, 201, 76, 78, 44, 201, 204, 207, 43, 214, 55, 48, 180, 52, 72,
    51, 78, 50, 82, 72, 36, 65, 20, 0, 68, 174, 210, 199, 66, 0, 0, 0,
  ]
  private static let zlib: [UInt8] = [
    120, 156, 75, 44, 40, 200, 201, 76, 78, 44, 201, 204, 207, 43, 214, 55, 48, 180, 52, 72, 51, 78, 50, 82, 72, 36,
    65, 20, 0, 254, 140, 21, 232,
  ]

  private func read(_ packed: [UInt8], _ compression: Compression, limit: Int = 1_000) throws -> [UInt8] {
    var reader = MessageReader(maxMessageBytes: limit, compression: compression)
    let framed = [1, 0, 0, UInt8(packed.count >> 8), UInt8(packed.count & 0xff)] + packed
    var offset = 0
    let isComplete = try framed.withUnsafeBytes { try reader.read($0, &offset) }
    try #require(isComplete)
    #expect(reader.isCompressed)
    return try reader.unpack(reader.take())
  }

  private func code(_ packed: [UInt8], _ compression: Compression, limit: Int = 1_000) -> StatusCode? {
    let error = #expect(throws: RPCError.self) { try read(packed, compression, limit: limit) }
    return error?.code
  }

  @Test func whatOthersPackedIsUnpacked() throws {
    #expect(try read(Self.gzip, .gzip) == Self.text)
    #expect(try read(Self.zlib, .deflate) == Self.text)
  }

  @Test(arguments: [Compression.gzip, .deflate])
  func whatIsPackedHereIsUnpackedHere(_ compression: Compression) throws {
    for message in [[], [7], Self.text, (0..<60_000).map { UInt8(truncatingIfNeeded: $0 &* $0) }] {
      let packed = try #require(message.withUnsafeBytes { compression.pack($0) })
      #expect(try read(packed, compression, limit: 60_000) == message)
    }
  }

  /// RFC 1952, section 2.2: a file is a series of members; Python's gzip module reads them as one.
  @Test func gzipOfSeveralMembers() throws {
    let size = Self.text.count
    let members = Self.gzip + Self.gzip + Self.gzip
    #expect(try read(members, .gzip) == Self.text + Self.text + Self.text)
    #expect(try read(members, .gzip, limit: size * 3) == Self.text + Self.text + Self.text)
    #expect(code(members, .gzip, limit: size * 3 - 1) == .resourceExhausted)
    #expect(code(Self.gzip + Array(Self.gzip.dropLast()), .gzip) == .internal)
    #expect(code(Self.gzip + Self.zlib, .gzip) == .internal)
    #expect(code(Self.zlib + Self.zlib, .deflate) == .internal, "which has no members")
    // Members of every size, so that they end at every place of the buffer in between.
    for count in stride(from: 4_000, through: 4_200, by: 1) {
      let first = [UInt8](repeating: 7, count: count)
      let packed = try #require(first.withUnsafeBytes { Compression.gzip.pack($0) })
      #expect(try read(packed + Self.gzip, .gzip, limit: 10_000) == first + Self.text)
    }
  }

  /// RFC 9110, sections 8.4.1 and 8.4.1.3.
  @Test(arguments: [
    ("gzip", Compression.gzip), ("GZIP", .gzip), ("x-gzip", .gzip), ("X-GZip", .gzip), ("Deflate", .deflate),
    ("Identity", .identity), ("x-deflate", nil), ("gzip ", nil), ("", nil),
  ])
  func names(_ name: String, _ compression: Compression?) {
    let bytes = Array(name.utf8)
    #expect(Compression(name: bytes.span) == compression)
  }

  @Test func theLimitIsOnWhatComesOut() throws {
    let size = Self.text.count
    #expect(try read(Self.gzip, .gzip, limit: size) == Self.text)
    #expect(code(Self.gzip, .gzip, limit: size - 1) == .resourceExhausted)
    let bomb = try #require([UInt8](repeating: 0, count: 16 << 20).withUnsafeBytes { Compression.gzip.pack($0) })
    #expect(bomb.count < 20_000)
    #expect(code(bomb, .gzip, limit: 20_000) == .resourceExhausted)
  }

  @Test func whatIsNotPackedSoIsRefused() {
    #expect(code([1, 2, 3], .gzip) == .internal)
    #expect(code(Array(Self.gzip.dropLast()), .gzip) == .internal)
    #expect(code(Self.gzip + [0], .gzip) == .internal)
    #expect(code(Self.gzip, .deflate) == .internal)
    #expect(code(Self.gzip, .identity) == .internal)
  }

  @Test(arguments: [
    ("gzip", true), ("identity,gzip", true), ("identity, deflate , gzip", true), ("", false), ("identity", false),
    ("gzip2, xgzip", false), (",,gzip,", true), ("snappy", false),
    ("GZIP", true), ("br, X-Gzip", true), ("\tgzip\t", true), ("gzip;q=0.5, br;q=1.0", true), ("gzip; q=1", true),
    ("gzip;q=0", false), ("gzip ; Q=0.000, deflate", false), ("gzip;q=0.001", true),
  ])
  func listsOfEncodings(_ list: String, _ takesGzip: Bool) {
    let bytes = Array(list.utf8)
    let accepted = AcceptedCompressions(list: bytes.span)
    #expect(accepted.contains(.gzip) == takesGzip)
    #expect(accepted.contains(.identity))
  }
}
