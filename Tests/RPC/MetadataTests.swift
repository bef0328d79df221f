import Testing

@testable import RPC

struct MetadataTests {
  @Test func keepsOrderAndRepetition() {
    var metadata = Metadata()
    metadata.add("a", "1")
    metadata.add("b", "2")
    metadata.add("A", "3")
    #expect(metadata.values("a") == ["1", "3"])
    #expect(metadata["A"] == "1")
    metadata["a"] = "4"
    #expect(metadata.values("a") == ["4"] && metadata.count == 2)
    metadata["b"] = nil
    #expect(metadata["b"] == nil && metadata["a"] == "4")
  }

  @Test func binaryValues() {
    var metadata = Metadata()
    metadata.add("k-bin", binary: [0xff, 0])
    #expect(metadata["k-bin"] == "/wA")
    #expect(metadata.binaryValues("k-bin") == [[0xff, 0]])
  }

  @Test func binaryValuesFromTheWire() {
    var metadata = Metadata()
    let name = Array("k-bin".utf8)
    let value = Array("/wA=,Zg, Zm8=".utf8)
    metadata.append(name: name.span, value: value.span)
    #expect(metadata.binaryValues("k-bin") == [[0xff, 0], Array("f".utf8), Array("fo".utf8)])
  }

  @Test(arguments: ["", "grpc-status", "te", "content-type", ":path", "with space", "ü", "host", "connection"])
  func namesThatAreNotAllowed(_ name: String) {
    var metadata = Metadata()
    let isAdded = metadata.add(name, "x")
    #expect(!isAdded)
    #expect(metadata.isEmpty)
  }

  @Test(arguments: ["a\nb", "ü", "\u{0}", "\r"])
  func valuesThatAreNotAllowed(_ value: String) {
    var metadata = Metadata()
    let isAdded = metadata.add("x", value)
    #expect(!isAdded)
  }

  @Test func binaryNeedsItsSuffix() {
    var metadata = Metadata()
    let isAdded = metadata.add("x", binary: [1])
    #expect(!isAdded)
  }

  @Test func descriptionShowsNoValues() {
    #expect(!"\(["authorization": "Bearer secret"] as Metadata)".contains("secret"))
  }
}
