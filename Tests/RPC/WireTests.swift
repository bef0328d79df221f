import Testing

@testable import Protobuf
@testable import RPC

struct WireTests {
  // The gRPC over HTTP/2 specification: TimeoutValue is at most eight digits, then one of H M S m u n.
  @Test(
    arguments: [
      ("1H", 3_600_000_000_000), ("2M", 120_000_000_000), ("3S", 3_000_000_000), ("4m", 4_000_000), ("5u", 5_000),
      ("6n", 6), ("0S", 0), ("99999999n", 99_999_999),
    ] as [(String, UInt64)]
  )
  func timeout(_ text: String, _ nanoseconds: UInt64) {
    let bytes = Array(text.utf8)
    #expect(Timeout.parse(bytes.span) == nanoseconds)
  }

  @Test(arguments: ["", "1", "S", "123456789S", "1s", "-1S", "1.5S", " 1S", "1 S"])
  func malformedTimeout(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(Timeout.parse(bytes.span) == nil)
  }

  @Test(
    arguments: [
      (1, "1n"), (99_999_999, "99999999n"), (100_000_001, "100001u"), (3_600_000_000_000, "3600000m"),
    ] as [(UInt64, String)]
  )
  func timeoutOut(_ nanoseconds: UInt64, _ text: String) {
    #expect(Timeout.format(nanoseconds: nanoseconds) == text)
  }

  @Test func largestTimeoutHasEightDigits() {
    #expect(Timeout.format(nanoseconds: .max).utf8.count <= 9)
  }

  // %x20-24 and %x26-7E are raw; the message is the one of gRPC's special_status_message case.
  @Test func percentEncoding() {
    let message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
    let encoded =
      "%09%0Atest with whitespace%0D%0Aand Unicode BMP %E2%98%BA and non-BMP %F0%9F%98%88%09%0A"
    #expect(String(decoding: PercentEncoding.encode(message), as: UTF8.self) == encoded)
    #expect(PercentEncoding.decode(encoded.utf8) == message)
    #expect(String(decoding: PercentEncoding.encode("100%~"), as: UTF8.self) == "100%25~")
  }

  @Test(arguments: [
    ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("a%41", "aA"), ("%2", "%2"), ("%+A", "%+A"), ("%-1", "%-1"),
  ])
  func percentDecodingNeverFails(_ encoded: String, _ text: String) {
    #expect(PercentEncoding.decode(encoded.utf8) == text)
  }

  @Test(arguments: [("0", 0), ("007", 7), ("65535", 65_535)] as [(String, UInt16)])
  func digits(_ text: String, _ number: UInt16) { #expect(UInt16(digits: text) == number) }

  @Test(arguments: ["", "+5", "-0", " 5", "5 ", "0x5", "65536", "٥"])
  func whatIsNotOnlyDigits(_ text: String) { #expect(UInt16(digits: text) == nil) }

  // RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
    ("foobar", "Zm9vYmFy"),
  ])
  func base64(_ text: String, _ encoded: String) {
    #expect(String(decoding: Base64.encode(text.utf8), as: UTF8.self) == encoded)
    #expect(Base64.decode(encoded.utf8) == Array(text.utf8))
    let padded = encoded + String(repeating: "=", count: (4 - encoded.utf8.count % 4) % 4)
    #expect(Base64.decode(padded.utf8) == Array(text.utf8))
  }

  @Test(arguments: ["Z", "Zg=", "Z===", "Zm9v!", "Zg==Zg=="])
  func malformedBase64(_ text: String) { #expect(Base64.decode(text.utf8) == nil) }
}
