/// JSON values one after the other, as a stream of messages is written.
package enum JSONSequence {
  private static let maxDepth = 100

  /// The text of each value. Throws what is wrong with the text.
  package static func split(_ bytes: [UInt8]) throws(JSONDecodingError) -> [[UInt8]] {
    var lexer = JSONLexer(bytes)
    var values: [[UInt8]] = []
    lexer.skipSpace()
    while !lexer.isAtEnd {
      let start = lexer.position
      do throws(JSONLexer.Failure) {
        try lexer.skipValue(maxDepth: maxDepth)
      } catch {
        throw JSONDecodingError(path: "", offset: lexer.position, reason: error.reason)
      }
      values.append(Array(bytes[start..<lexer.position]))
      lexer.skipSpace()
    }
    return values
  }
}
