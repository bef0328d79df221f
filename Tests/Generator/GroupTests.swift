import GoldenContracts
import Protobuf
import Testing

/// Groups of proto2, as messages between two tags. protoc says what their bytes are.
@Suite struct GroupTests {
  private typealias Shelf = GoldenGroups.Shelf
  private static let contract = "golden/groups.proto"

  private static let shelf = Shelf(
    label: Shelf.Label(text: "new", color: Shelf.Label.Color(red: 5)),
    book: [Shelf.Book(title: "a", pages: [1, 300]), Shelf.Book()],
    place: Shelf.Place(row: -1),
    bottom: .wood(Shelf.Wood(kind: "oak")),
    above: Shelf(place: Shelf.Place(row: 2), bottom: .glass(3)),
    box: Shelf.Box(shelf: Shelf(place: Shelf.Place()))
  )

  private static let text = """
    Label {
      text: "new"
      Color {
        red: 5
      }
    }
    Book {
      title: "a"
      pages: 1
      pages: 300
    }
    Book {
    }
    Place {
      row: -1
    }
    Wood {
      kind: "oak"
    }
    above {
      Place {
        row: 2
      }
      glass: 3
    }
    Box {
      shelf {
        Place {
        }
      }
    }

    """

  @Test func bytesAreThoseOfProtoc() throws {
    let bytes = try Protoc.convert("encode", "golden.groups.Shelf", in: Self.contract, Array(Self.text.utf8))
    #expect(Self.shelf.serializedBytes(deterministic: true) == bytes)
    #expect(try Shelf(serializedBytes: bytes) == Self.shelf)
    let back = try Protoc.convert("decode", "golden.groups.Shelf", in: Self.contract, Self.shelf.serializedBytes())
    #expect(String(decoding: back, as: UTF8.self) == Self.text)
  }

  @Test func json() throws {
    let json = """
      {"label":{"text":"new","color":{"red":5}},"book":[{"title":"a","pages":[1,300]},{}],"place":{"row":-1},\
      "wood":{"kind":"oak"},"above":{"place":{"row":2},"glass":3},"box":{"shelf":{"place":{}}}}
      """
    #expect(try Self.shelf.jsonString() == json)
    #expect(try Shelf(jsonString: json) == Self.shelf)
  }

  @Test(
    arguments: [
      ([], "place"),
      ([0x0B, 0x13, 0x14, 0x0C, 0x1B, 0x1C], "label.color.red"),
      ([0x1B, 0x1C, 0x32, 0], "above.place"),
      ([0x1B, 0x1C, 0xFB, 0xFF, 0xFF, 0xFF, 0x0F, 0x0A, 0, 0xFC, 0xFF, 0xFF, 0xFF, 0x0F], "box.shelf.place"),
    ] as [([UInt8], String)]
  )
  func aMissingFieldIsNamed(_ bytes: [UInt8], _ path: String) {
    let error = #expect(throws: MessageDecodingError.self) { try Shelf(serializedBytes: bytes) }
    #expect(error == MessageDecodingError(kind: .missingField, path: path))
  }

  @Test func errorsNameThePlace() {
    // The second book's title is not UTF-8.
    let bytes: [UInt8] = [0x1B, 0x1C, 0x13, 0x14, 0x13, 0x0A, 1, 0xFF, 0x14]
    let error = #expect(throws: MessageDecodingError.self) { try Shelf(serializedBytes: bytes) }
    #expect(error?.kind == .invalidUTF8)
    #expect(error?.path == "book[1].title")
  }

  /// A known number with another wire type is an unknown field, and stays what it was.
  @Test func aMessageBehindALengthIsNoGroup() throws {
    let bytes: [UInt8] = [0x1B, 0x1C, 0x0A, 3, 0x0A, 1, 0x61]
    let shelf = try Shelf(serializedBytes: bytes)
    #expect(shelf.label == nil)
    #expect(shelf.unknownFields.bytes == [0x0A, 3, 0x0A, 1, 0x61])
    #expect(shelf.serializedBytes() == bytes)
  }

  @Test func mergingAddsUp() throws {
    var shelf = Shelf(label: Shelf.Label(text: "old"), place: Shelf.Place(row: 1))
    try shelf.merge(serializedBytes: [0x0B, 0x13, 0x08, 5, 0x14, 0x0C])
    #expect(shelf.label == Shelf.Label(text: "old", color: Shelf.Label.Color(red: 5)))
    #expect(shelf.place == Shelf.Place(row: 1))
  }

  @Test func differencesAreNamed() {
    var other = Self.shelf
    other.label?.color?.red = 6
    #expect(Self.shelf.firstDifference(from: other) == "label.color.red")
    other = Self.shelf
    other.book[1].title = "b"
    #expect(Self.shelf.firstDifference(from: other) == "book[1].title")
  }
}
