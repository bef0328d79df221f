import Protobuf
import Testing

@Suite("Well-known types in natural Swift forms")
struct WellKnownTests {
  // The texts are the protobuf JSON mapping's own examples, and RFC 3339's.
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", Int64(0), Int32(0)),
    ("1972-01-01T10:00:20.021Z", 63_108_020, 21_000_000),
    ("0001-01-01T00:00:00Z", -62_135_596_800, 0),
    ("9999-12-31T23:59:59.999999999Z", 253_402_300_799, 999_999_999),
  ])
  func timestampText(text: String, seconds: Int64, nanos: Int32) {
    let time = GoogleProtobuf.Timestamp(seconds: seconds, nanos: nanos)
    #expect(time.rfc3339 == text)
    #expect(GoogleProtobuf.Timestamp(rfc3339: text) == time)
  }

  @Test(arguments: ["", "1985-04-12", "1985-13-12T23:20:50Z", "2023-02-29T00:00:00Z", "1985-04-12T23:20:50", "1985-04-12T24:00:00Z"])
  func noTimestamp(text: String) {
    #expect(GoogleProtobuf.Timestamp(rfc3339: text) == nil)
  }

  @Test func timestampWithOffset() {
    // RFC 3339, section 5.8: 20 minutes and 50.52 seconds after the 23rd hour of April 12th, 1985 in UTC.
    #expect(GoogleProtobuf.Timestamp(rfc3339: "1996-12-19T16:39:57-08:00")?.rfc3339 == "1996-12-20T00:39:57Z")
  }

  @Test(arguments: [("3s", Int64(3), Int32(0)), ("3.000000001s", 3, 1), ("-0.500s", 0, -500_000_000)])
  func durationText(text: String, seconds: Int64, nanos: Int32) {
    let duration = GoogleProtobuf.Duration(seconds: seconds, nanos: nanos)
    #expect(duration.text == text)
    #expect(GoogleProtobuf.Duration(text: text) == duration)
    #expect(GoogleProtobuf.Duration(duration.duration) == duration)
  }

  @Test func anyHoldsOneTypeOnly() throws {
    let packed = GoogleProtobuf.`Any`(packing: GoogleProtobuf.Duration(seconds: 7, nanos: 0))
    #expect(packed.typeUrl == "type.googleapis.com/google.protobuf.Duration")
    #expect(packed.holds(GoogleProtobuf.Duration.self))
    #expect(!packed.holds(GoogleProtobuf.Timestamp.self))
  }

  @Test func valuesAreLiterals() throws {
    let value: GoogleProtobuf.Value = ["name": "Ada", "scores": [1, 2.5, true, nil]]
    #expect(value["name"]?.string == "Ada")
    #expect(value["scores"]?.array?.count == 4)
    #expect(try GoogleProtobuf.Value(serializedBytes: value.serializedBytes()) == value)
  }

  @Test func wrappersAndMasks() {
    let wrapped: GoogleProtobuf.Int64Value = 42
    #expect(wrapped.value == 42)
    let mask: GoogleProtobuf.FieldMask = ["amount.minor_units"]
    #expect(mask.paths == ["amount.minor_units"])
  }
}
