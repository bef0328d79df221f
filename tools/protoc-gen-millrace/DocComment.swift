/// Carries the author's comments over into `///` lines.
enum DocComment {
  /// `deprecated` is told in words: an attribute would make the generated code itself warn.
  static func emit(
    _ comments: Comments,
    fallback: String? = nil,
    deprecated: Bool = false,
    into printer: inout Printer
  ) {
    var paragraphs = [comments.leading, comments.trailing].map(lines).filter { !$0.isEmpty }
    if paragraphs.isEmpty, let fallback { paragraphs = [[fallback]] }
    if deprecated { paragraphs.append(["Deprecated in its contract."]) }
    for (index, paragraph) in paragraphs.enumerated() {
      if index > 0 { printer.line("///") }
      for line in paragraph { printer.line(line.isEmpty ? "///" : "/// " + line) }
    }
  }

  /// protoc leaves the blank after `//` in place; indentation beyond it is the author's.
  private static func lines(_ comment: String) -> [String] {
    var lines = comment.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var text = line
      while text.last?.isWhitespace == true { text = text.dropLast() }
      return String(text)
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    while lines.first?.isEmpty == true { lines.removeFirst() }
    let indent = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return lines.map { String($0.dropFirst(min(indent, 1))) }
  }
}
