/// The two spellings of a field's name.
enum FieldName {
  /// `purchase_order_2` as `purchaseOrder2`, as protoc makes JSON names.
  static func lowerCamel(_ name: some StringProtocol) -> String {
    var result = ""
    var raises = false
    for character in name.unicodeScalars {
      if character == "_" {
        raises = true
      } else {
        result.unicodeScalars.append(raises ? upper(character) : character)
        raises = false
      }
    }
    return result
  }

  /// `purchaseOrder` as `purchase_order`.
  static func lowerSnake(_ name: some StringProtocol) -> String {
    var result = ""
    for character in name.unicodeScalars {
      if ("A"..."Z").contains(character), let lower = Unicode.Scalar(character.value + 32) {
        result += "_"
        result.unicodeScalars.append(lower)
      } else {
        result.unicodeScalars.append(character)
      }
    }
    return result
  }

  private static func upper(_ character: Unicode.Scalar) -> Unicode.Scalar {
    guard ("a"..."z").contains(character) else { return character }
    return Unicode.Scalar(character.value - 32) ?? character
  }
}
